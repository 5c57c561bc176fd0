using System.Runtime.InteropServices;
using System.Text.Json;
using Dray.Inference.Checkpoints;
using Dray.Quantization.Calibration;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests.Tuning;

/// <summary>The decoder block that upstream tuned, with all that was recorded meanwhile (goldens/autoround/signround_block).</summary>
internal sealed class GoldenBlock : IDisposable
{
    public const int SequenceLength = 64;
    public const int Samples = 32;

    public static readonly IReadOnlyList<string> Layers =
    [
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
    ];

    private readonly SafetensorsFile _file = SafetensorsFile.Open(SharedFolder.Require("goldens", "autoround", "signround_block.safetensors"));
    private readonly JsonElement _json =
        JsonElement.Parse(File.ReadAllText(SharedFolder.Require("goldens", "autoround", "signround_block.json")));

    public static TextConfig Config { get; } = new()
    {
        HiddenSize = 256,
        Layers = 1,
        Heads = 4,
        KvHeads = 2,
        HeadDim = 64,
        IntermediateSize = 512,
        VocabSize = 1,
        RopeTheta = 1e9,
        RmsNormEpsilon = 1e-5f,
        ContextLength = SequenceLength,
        TiedEmbeddings = true,
    };

    public int[][] Batches => [.. _json.GetProperty("batches").EnumerateArray().Select(batch => batch.EnumerateArray().Select(i => i.GetInt32()).ToArray())];

    public double[] Losses => Numbers("loss");

    public double[] TokenLosses => Numbers("loss_over_num_elm");

    public int BestIteration => _json.GetProperty("best_iter").GetInt32();

    public float[] Tensor(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray();

    public byte[] Bytes(string name)
    {
        var bytes = new byte[_file.Tensors[name].Length];
        _file.Tensors[name].Read(0, bytes);
        return bytes;
    }

    public DecoderBlock Block() => new(
        0,
        [.. Layers.Select(name => Layer(name))],
        Tensor("block.input_layernorm.weight"),
        Tensor("block.post_attention_layernorm.weight"));

    /// <summary>A sampler that hands out upstream's batches, <see cref="Batches"/>.</summary>
    public static BatchSampler Sampler()
    {
        var random = new PythonRandom(42);
        return new BatchSampler(Samples, 8, order => random.Shuffle(order.AsSpan()));
    }

    /// <summary>Rows of some samples, one after another.</summary>
    public static float[] Gather(float[] values, IEnumerable<int> samples)
    {
        var length = SequenceLength * Config.HiddenSize;
        return [.. samples.SelectMany(sample => values.AsSpan(sample * length, length).ToArray())];
    }

    public void Dispose() => _file.Dispose();

    private BlockLayer Layer(string name)
    {
        var shape = _file.Tensors[$"block.{name}.weight"].Shape;
        return new BlockLayer(name, (int)shape[0], (int)shape[1], Tensor($"block.{name}.weight"), WeightScheme.W4A16);
    }

    private double[] Numbers(string name) => [.. _json.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
