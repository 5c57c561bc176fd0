namespace Dray.Inference.Checkpoints;

/// <summary>How one layer is stored.</summary>
/// <param name="Bits">Bits of a code; 16 or more where the layer is not quantized.</param>
/// <param name="GroupSize">Inputs that share a scale; -1 for a whole row.</param>
/// <param name="Symmetric">Whether the zero point is the middle of the code's range.</param>
public readonly record struct LayerScheme(int Bits, int GroupSize, bool Symmetric)
{
    /// <summary>Gets whether the layer has codes and scales.</summary>
    public bool IsQuantized => Bits <= 8;
}
