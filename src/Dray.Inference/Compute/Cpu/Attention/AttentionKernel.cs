using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>What the attention kernels of all instruction sets have in common.</summary>
internal static unsafe class AttentionKernel
{
    /// <summary>Columns of outputs that are computed together.</summary>
    public const int Width = 32;

    /// <summary>The width of output rows.</summary>
    public static int PaddedWidth(int headDim) => (headDim + Width - 1) / Width * Width;

    /// <summary>
    /// Fetches what lies <paramref name="ahead"/> bytes beyond <paramref name="place"/>; it need not exist. Into the second-level cache: two tiles
    /// would drive each other out of the first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* place, nint ahead)
    {
        if (Sse.IsSupported) Sse.Prefetch1((byte*)place + ahead);
    }
}
