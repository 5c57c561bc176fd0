namespace Dray.Inference.Compute.Cpu;

/// <summary>What a register tile of R rows × 32 outputs reads and writes.</summary>
internal unsafe struct TileArguments
{
    /// <summary>The first word of outputs 0..15; that of the next inputs follows after <see cref="Stride"/>.</summary>
    public float* Low;

    /// <summary>The same of outputs 16..31.</summary>
    public float* High;

    /// <summary>Distance from one word to the next of the same output, in words.</summary>
    public nint Stride;

    /// <summary>What is added to <see cref="Low"/> and <see cref="High"/> from one KV block to the next, beyond the stride, in words.</summary>
    public nint Jump;

    /// <summary>Number of inputs.</summary>
    public int Length;

    /// <summary>Zero point of all codes that the lookup table subtracts.</summary>
    public float CodeZero;

    /// <summary>Input values, interleaved or by rows as the use says.</summary>
    public float* Input;

    /// <summary>Per output its scale, or per row its decay, as the use says.</summary>
    public float* Scales;

    /// <summary>Zero points of the 32 outputs, where the code has them.</summary>
    public float* Offsets;

    /// <summary>R rows of 32 values.</summary>
    public float* Output;

    /// <summary>Distance between rows of <see cref="Output"/>.</summary>
    public nint OutputStride;
}
