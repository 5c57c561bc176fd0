using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Evaluation;

/// <summary>What a benchmark of matrix products measured.</summary>
/// <param name="Timings">Each matrix with each number of rows.</param>
/// <param name="Limits">What the machine can do at most, measured in the same run.</param>
public sealed record KernelsResult(IReadOnlyList<KernelTiming> Timings, MachineLimits Limits);
