using Dray.Inference.Checkpoints;

namespace Dray.Quantization.Evaluation;

/// <summary>The shapes of models that kernels and layers are measured in, by name. Their vocabularies are small, so that layers are measured and not the head.</summary>
public static class BenchmarkShapes
{
    /// <summary>Inputs that share a scale.</summary>
    public const int GroupSize = 128;

    private const int Vocabulary = 4096;

    /// <summary>Gets the names.</summary>
    public static IReadOnlyList<string> Names => ["24b", "demo"];

    /// <summary>The shape of a name: Mistral-Small-3.2-24B's but for the vocabulary, or the demo model's.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static TextConfig Of(string name) => name switch
    {
        "24b" => Shape(layers: 40, hidden: 5120, heads: 32, kvHeads: 8, headDim: 128, intermediate: 32768),
        "demo" => Shape(layers: 8, hidden: 384, heads: 6, kvHeads: 2, headDim: 64, intermediate: 1024),
        _ => throw new ArgumentException($"The shape is '{name}', but it must be {string.Join(" or ", Names)}."),
    };

    private static TextConfig Shape(int layers, int hidden, int heads, int kvHeads, int headDim, int intermediate) => new()
    {
        Layers = layers,
        HiddenSize = hidden,
        Heads = heads,
        KvHeads = kvHeads,
        HeadDim = headDim,
        IntermediateSize = intermediate,
        VocabSize = Vocabulary,
        RopeTheta = 1e9,
        RmsNormEpsilon = 1e-5f,
        ContextLength = 32768,
        TiedEmbeddings = false,
    };
}
