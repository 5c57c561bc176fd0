namespace Dray.Inference.Checkpoints;

/// <summary>Shape of a Mistral or Llama decoder.</summary>
public sealed record TextConfig
{
    /// <summary>Gets the width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Gets the number of decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Gets the query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Gets the key and value heads; <see cref="Heads"/> is a multiple of it.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Gets the width of a head, even. Heads · HeadDim need not be <see cref="HiddenSize"/>.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Gets the inner width of the feed-forward network.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Gets the number of token ids.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Gets the base of the rotary embedding's wavelengths.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Gets what RMSNorm adds to the mean square.</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>Gets the most tokens that the model was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Gets whether the output head is the embedding table.</summary>
    public required bool TiedEmbeddings { get; init; }
}
