namespace Dray.Tests.Checkpoints;

/// <summary>Shape of a synthetic text model.</summary>
internal sealed record SyntheticShape
{
    public int Hidden { get; init; } = 5120;

    public int Layers { get; init; } = 40;

    public int Heads { get; init; } = 32;

    public int KvHeads { get; init; } = 8;

    public int HeadDim { get; init; } = 128;

    public int Intermediate { get; init; } = 32768;

    public int Vocabulary { get; init; } = 131072;

    public int ContextLength { get; init; } = 131072;

    public int GroupSize { get; init; } = 128;

    /// <summary>Gets the shape of Mistral-Small-3.2-24B's decoder, quantized W4A16 with groups of 128.</summary>
    public static SyntheticShape Mistral24B { get; } = new();

    /// <summary>Gets the matrices of a layer: name, N, K.</summary>
    public IEnumerable<(string Name, int Outputs, int Inputs)> Matrices() =>
    [
        ("self_attn.q_proj", Heads * HeadDim, Hidden),
        ("self_attn.k_proj", KvHeads * HeadDim, Hidden),
        ("self_attn.v_proj", KvHeads * HeadDim, Hidden),
        ("self_attn.o_proj", Hidden, Heads * HeadDim),
        ("mlp.gate_proj", Intermediate, Hidden),
        ("mlp.up_proj", Intermediate, Hidden),
        ("mlp.down_proj", Hidden, Intermediate),
    ];
}
