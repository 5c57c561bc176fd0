using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The backward passes of a decoder block's operations, and the forward passes that keep what those need. Rows of several samples of equal
/// length lie one after another. Every result is the same on however many threads.
/// </summary>
internal abstract class TrainingOperations : IDisposable
{
    /// <summary>Operations on a backend's threads, with kernels for its instruction set.</summary>
    public static TrainingOperations For(CpuBackend backend) => backend.InstructionSet switch
    {
        >= CpuInstructionSet.Avx512 => new TrainingOperations<Avx512Simd, Vector512<float>>(backend.Team),
        CpuInstructionSet.Avx2 => new TrainingOperations<Avx2Simd, Vector256<float>>(backend.Team),
        _ => new TrainingOperations<PortableSimd, Vector128<float>>(backend.Team),
    };

    /// <summary><c>y += x</c>.</summary>
    public abstract void Add(Tensor x, Tensor y);

    /// <summary>Causal attention within samples; query head h reads KV head h / (heads / kvHeads). Scores are scaled by 1/sqrt(headDim).</summary>
    /// <param name="shape">Heads, and tokens of a sample.</param>
    /// <param name="q">[M, heads · headDim].</param>
    /// <param name="k">[M, kvHeads · headDim].</param>
    /// <param name="v">[M, kvHeads · headDim].</param>
    /// <param name="y">[M, heads · headDim].</param>
    /// <param name="logSums">[M, heads], kept for the backward pass.</param>
    public abstract void CausalAttention(CausalShape shape, Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSums);

    /// <summary>The backward pass of <see cref="CausalAttention"/>.</summary>
    /// <param name="shape">As it went forward.</param>
    /// <param name="q">As it went forward.</param>
    /// <param name="k">As it went forward.</param>
    /// <param name="v">As it went forward.</param>
    /// <param name="y">What came of it.</param>
    /// <param name="logSums">What was kept.</param>
    /// <param name="dy">dL/dy.</param>
    /// <param name="dq">Becomes dL/dq.</param>
    /// <param name="dk">Becomes dL/dk.</param>
    /// <param name="dv">Becomes dL/dv.</param>
    public abstract void CausalAttentionGradient(
        CausalShape shape, Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSums, Tensor dy, Tensor dq, Tensor dk, Tensor dv);

    /// <summary>Adds dL/dx of <see cref="IComputeBackend.RmsNorm"/> to <paramref name="dx"/>.</summary>
    public abstract void RmsNormGradient(Tensor x, Tensor gain, float epsilon, Tensor dy, Tensor dx);

    /// <summary>Replaces gate and up by their gradients, where <see cref="IComputeBackend.SwiGlu"/>'s result has the gradient <paramref name="dy"/>.</summary>
    public abstract void SwiGluGradient(Tensor gateUp, Tensor dy);

    /// <summary>Replaces each row of the prediction by <c>weight · (prediction − target)</c>.</summary>
    /// <param name="prediction">[M, columns].</param>
    /// <param name="target">[M, columns].</param>
    /// <param name="weights">A weight for each row.</param>
    /// <param name="errors">Becomes each row's sum of squared errors, not weighted.</param>
    public abstract void SquaredError(Tensor prediction, Tensor target, ReadOnlySpan<float> weights, Span<double> errors);

    /// <inheritdoc/>
    public abstract void Dispose();
}
