using System.Runtime.InteropServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>What an assembled tile of R rows × 32 outputs reads and writes over a run of segments of equal length.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AssembledTileArguments
{
    /// <summary>The strip's first word of the first segment; words follow without a gap.</summary>
    public uint* Words;

    /// <summary>The first segment's 32 scales, for codes.</summary>
    public float* Scales;

    /// <summary>Bytes from one segment's scales to the next one's; 0 where all segments share a group.</summary>
    public nint ScaleStep;

    /// <summary>The zero points of the first segment's 32 outputs, whole numbers, for codes.</summary>
    public float* Zeros;

    /// <summary>Bytes from one segment's zero points to the next one's.</summary>
    public nint ZeroStep;

    /// <summary>The tile's inputs from the first segment on, as its <see cref="InputForm"/> lays them out.</summary>
    public byte* Inputs;

    /// <summary>R rows of 32 sums, to which the tile adds.</summary>
    public float* Output;

    /// <summary>Bytes from one row of <see cref="Output"/> to the next.</summary>
    public nint OutputStride;

    /// <summary>Number of segments, at least 1.</summary>
    public nint Segments;

    /// <summary>Words of each output in a segment, at least 1.</summary>
    public nint SegmentWords;

    /// <summary>1 where the sums start from zero instead of from what <see cref="Output"/> holds; else 0.</summary>
    public nint IsFirst;
}
