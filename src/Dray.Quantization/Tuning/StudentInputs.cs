namespace Dray.Quantization.Tuning;

/// <summary>What a block is tuned on.</summary>
internal enum StudentInputs
{
    /// <summary>Nothing: it isn't tuned.</summary>
    None,

    /// <summary>What the model's own blocks before it give.</summary>
    Original,

    /// <summary>What the quantized blocks before it give.</summary>
    Quantized,
}
