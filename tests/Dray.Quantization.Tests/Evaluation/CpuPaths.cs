using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Tests.Evaluation;

/// <summary>CPU backends whose arithmetic a test depends on.</summary>
internal static class CpuPaths
{
    /// <summary>The fastest one that multiplies in float32, as the goldens were made.</summary>
    public static CpuBackend Float32(int? threads = null) => new(new CpuBackendOptions
    {
        Threads = threads,
        InstructionSet = CpuFeatures.OfThisProcess.Available.Last(path => path <= CpuInstructionSet.Avx512),
    });
}
