using Dray.Inference.Checkpoints;
using Dray.Quantization.Calibration;
using Dray.Quantization.Rounding;
using Dray.Quantization.Tuning;

namespace Dray.Quantization.Tests.Tuning;

/// <summary>A small made-up model: its blocks, its embedding and texts.</summary>
internal static class SyntheticBlocks
{
    public const int Tokens = 20;

    public static TextConfig Config { get; } = new()
    {
        HiddenSize = 64,
        Layers = 2,
        Heads = 4,
        KvHeads = 2,
        HeadDim = 16,
        IntermediateSize = 96,
        VocabSize = 50,
        RopeTheta = 1e4,
        RmsNormEpsilon = 1e-5f,
        ContextLength = 64,
        TiedEmbeddings = true,
    };

    public static LinearSource Embedding { get; } = new FloatLinear("embedding", 50, 64, Normal(new Random(1), 50 * 64, 1));

    public static CalibrationSet Calibration { get; } = new([.. Enumerable.Range(0, 7).Select(Sample)], Tokens);

    public static DecoderBlock Block(int index, Func<string, WeightScheme?>? schemeOf = null)
    {
        var random = new Random(100 + index);
        return new DecoderBlock(
            index,
            [
                Layer("self_attn.q_proj", 64, 64),
                Layer("self_attn.k_proj", 32, 64),
                Layer("self_attn.v_proj", 32, 64),
                Layer("self_attn.o_proj", 64, 64),
                Layer("mlp.gate_proj", 96, 64),
                Layer("mlp.up_proj", 96, 64),
                Layer("mlp.down_proj", 64, 96),
            ],
            Normal(random, 64, 1),
            Normal(random, 64, 1));

        BlockLayer Layer(string name, int outputs, int inputs) => new(
            name, outputs, inputs, Normal(random, outputs * inputs, 0.15), schemeOf is null ? new WeightScheme(4, 32, true) : schemeOf(name));
    }

    private static int[] Sample(int index)
    {
        var random = new Random(index);
        return [.. Enumerable.Range(0, Tokens).Select(_ => random.Next(50))];
    }

    private static float[] Normal(Random random, int count, double deviation) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
