namespace Dray.Inference.Checkpoints;

/// <summary>The <c>quantization_config</c> of a checkpoint.</summary>
public sealed record QuantizationConfig
{
    /// <summary>Gets the method as written: auto-round, gptq or awq.</summary>
    public required string Method { get; init; }

    /// <summary>Gets the packing format as written or implied, such as <c>auto_round:auto_gptq</c>.</summary>
    public required string PackingName { get; init; }

    /// <summary>Gets the tensor layout that the name stands for.</summary>
    public required PackingFormat Packing { get; init; }

    /// <summary>Gets what holds for every quantized layer without an override.</summary>
    public required LayerScheme Default { get; init; }

    /// <summary>Gets the prefixes of the quantized blocks, in whatever namespace the writer used; empty if not said.</summary>
    public IReadOnlyList<string> Blocks { get; init; } = [];

    /// <summary>Gets the layers that deviate; exact names come before expressions, otherwise the first match counts.</summary>
    public IReadOnlyList<LayerOverride> Overrides { get; init; } = [];
}
