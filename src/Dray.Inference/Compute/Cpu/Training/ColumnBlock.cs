using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Where the quantised columns of a block go.</summary>
internal unsafe struct ColumnBlock
{
    /// <summary>All bits set in the lanes of columns that exist.</summary>
    public Vector512<float> Lanes;

    /// <summary>The first word of the first column.</summary>
    public uint* Words;

    /// <summary>Words from four rows' words to the next four's.</summary>
    public nint Stride;

    /// <summary>A scale for each column.</summary>
    public float* Scales;

    /// <summary>The integers' sum for each column; null where it isn't wanted.</summary>
    public int* Sums;
}
