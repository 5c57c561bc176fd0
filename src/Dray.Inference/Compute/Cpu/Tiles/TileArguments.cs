namespace Dray.Inference.Compute.Cpu;

/// <summary>What a register tile of R rows × 32 outputs reads and writes.</summary>
internal unsafe struct TileArguments
{
    /// <summary>Words of the 32 outputs, those of the next inputs after them.</summary>
    public float* Words;

    /// <summary>Number of inputs.</summary>
    public int Length;

    /// <summary>Zero point of all codes that the lookup table subtracts.</summary>
    public float CodeZero;

    /// <summary>Input values, interleaved [K][R].</summary>
    public float* Input;

    /// <summary>Scales of the 32 outputs.</summary>
    public float* Scales;

    /// <summary>Zero points of the 32 outputs, where the code has them.</summary>
    public float* Offsets;

    /// <summary>R rows of 32 sums, to which scaled products are added.</summary>
    public float* Output;

    /// <summary>Distance between rows of <see cref="Output"/>.</summary>
    public nint OutputStride;
}
