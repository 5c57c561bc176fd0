using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>The operations that have kernels per instruction set; shapes have been checked.</summary>
internal abstract class CpuOperations : IDisposable
{
    public static CpuOperations For(CpuInstructionSet instructionSet, ActivationPrecision precision) => instructionSet switch
    {
        CpuInstructionSet.Avx512Bf16 => new AssembledOperations(precision, hasBrainFloats: true),
        CpuInstructionSet.Avx512Vnni => new AssembledOperations(precision, hasBrainFloats: false),
        CpuInstructionSet.Avx512 => new CpuOperations<Avx512Simd, Vector512<float>>(),
        CpuInstructionSet.Avx2 => new CpuOperations<Avx2Simd, Vector256<float>>(),
        _ => new CpuOperations<PortableSimd, Vector128<float>>(),
    };

    /// <summary>How the kernels want the inputs of <paramref name="part"/>; null for rows of float32.</summary>
    public virtual InputForm? FormFor(PackedPart part) => null;

    public abstract void MatMul(ThreadTeam team, Workspace workspace, Tensor x, MatrixSpan weight, Tensor y, bool accumulate);

    public abstract void RmsNorm(ThreadTeam team, Tensor x, Tensor gain, float epsilon, Tensor y);

    public abstract void Rope(ThreadTeam team, Tensor x, int headDim, Tensor cos, Tensor sin);

    public abstract void SwiGlu(ThreadTeam team, Tensor gateUp, Tensor y);

    public abstract void Gelu(ThreadTeam team, Tensor x);

    public abstract void PagedAttention(
        ThreadTeam team, Workspace workspace, WorkCounter counter, Tensor q, HostKvCache cache, int layer, AttentionLayout layout, Tensor y);

    public abstract void SegmentAttention(
        ThreadTeam team, Workspace workspace, Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y);

    /// <summary>How many threads are worth waking for a pass over <paramref name="tensor"/>.</summary>
    public static int ThreadsFor(ThreadTeam team, Tensor tensor) => ThreadsFor(team, tensor.Rows, tensor.Columns);

    /// <summary>How many threads are worth waking for a pass over <paramref name="rows"/> rows.</summary>
    public static int ThreadsFor(ThreadTeam team, int rows, int columns)
    {
        const int valuesPerThread = 8192;
        return (int)Math.Clamp((long)rows * columns / valuesPerThread, 1, Math.Min(team.Size, Math.Max(rows, 1)));
    }

    public virtual void Dispose()
    {
    }
}
