using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>The operations that have kernels per instruction set; shapes have been checked.</summary>
internal abstract class CpuOperations
{
    public static CpuOperations For(CpuInstructionSet instructionSet) => instructionSet switch
    {
        CpuInstructionSet.Avx512 => new CpuOperations<Avx512Simd, Vector512<float>>(),
        CpuInstructionSet.Avx2 => new CpuOperations<Avx2Simd, Vector256<float>>(),
        _ => new CpuOperations<PortableSimd, Vector128<float>>(),
    };

    public abstract void MatMul(ThreadTeam team, Workspace workspace, Tensor x, CpuMatrix weight, Tensor y, bool accumulate);

    public abstract void RmsNorm(ThreadTeam team, Tensor x, Tensor gain, float epsilon, Tensor y);

    public abstract void Rope(ThreadTeam team, Tensor x, int headDim, Tensor cos, Tensor sin);

    public abstract void SwiGlu(ThreadTeam team, Tensor gateUp, Tensor y);

    public abstract void Gelu(ThreadTeam team, Tensor x);

    public abstract void PagedAttention(
        ThreadTeam team, Workspace workspace, WorkCounter counter, Tensor q, HostKvCache cache, int layer, AttentionLayout layout, Tensor y);

    public abstract void SegmentAttention(
        ThreadTeam team, Workspace workspace, Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y);

    /// <summary>How many threads are worth waking for a pass over <paramref name="tensor"/>.</summary>
    public static int ThreadsFor(ThreadTeam team, Tensor tensor)
    {
        const int valuesPerThread = 8192;
        var values = (long)tensor.Rows * tensor.Columns;
        return (int)Math.Clamp(values / valuesPerThread, 1, Math.Min(team.Size, Math.Max(tensor.Rows, 1)));
    }
}
