namespace Dray.Inference.Checkpoints;

/// <summary>Shape of a Pixtral vision encoder and of the projector that follows it.</summary>
public sealed record VisionConfig
{
    /// <summary>What the encoder's RMSNorms add to the mean square. Fixed; no configuration carries it.</summary>
    public const float RmsNormEpsilon = 1e-5f;

    /// <summary>Gets the width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Gets the number of encoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Gets the attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Gets the width of a head, <see cref="HiddenSize"/> / <see cref="Heads"/>, a multiple of 4.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Gets the inner width of the feed-forward network.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Gets the side of a patch in pixels.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Gets the longest side of an image in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Gets the colour channels: 3.</summary>
    public required int Channels { get; init; }

    /// <summary>Gets the base of the two-dimensional rotary embedding's wavelengths.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Gets the side, in patches, of the square that becomes one token.</summary>
    public required int MergeSize { get; init; }

    /// <summary>Gets the id of [IMG], whose rows the projector's output replaces.</summary>
    public required int ImageTokenId { get; init; }

    /// <summary>Gets the id of [IMG_BREAK] where the configuration says it (params.json does).</summary>
    public int? ImageBreakTokenId { get; init; }

    /// <summary>Gets the id of [IMG_END] where the configuration says it (params.json does).</summary>
    public int? ImageEndTokenId { get; init; }
}
