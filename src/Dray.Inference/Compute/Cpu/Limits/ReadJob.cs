using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Reads each thread's block of ones from end to end, four cache lines at a time, and adds it up so that no load can be left out.</summary>
internal readonly unsafe struct ReadJob(NativeBlock[] blocks) : ITeamJob
{
    /// <summary>A block's length must be a multiple of so many bytes.</summary>
    public const int StepBytes = 256;

    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(blocks.Length, grain: 1))
        {
            for (var i = first; i < end; i++) Read(blocks[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Read(NativeBlock block)
    {
        var start = (float*)block.Pointer;
        var end = (float*)((byte*)start + block.Bytes);
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (var at = start; at < end; at += 64)
        {
            s0 += Vector512.Load(at);
            s1 += Vector512.Load(at + 16);
            s2 += Vector512.Load(at + 32);
            s3 += Vector512.Load(at + 48);
        }

        if (Vector512.Sum(s0 + s1 + s2 + s3) <= 0) throw new InvalidOperationException("The sum of ones isn't positive.");
    }
}
