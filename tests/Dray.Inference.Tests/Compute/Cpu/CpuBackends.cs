using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

internal static class CpuBackends
{
    /// <summary>A backend with the kernels of one instruction set; skips the test where the processor lacks it.</summary>
    public static CpuBackend Create(
        CpuInstructionSet instructionSet, int threads, ActivationPrecision activations = ActivationPrecision.Bits16)
    {
        if (!CpuFeatures.Available.Contains(instructionSet)) Assert.Skip($"skipped: this processor has no {instructionSet}");
        return new CpuBackend(new CpuBackendOptions { InstructionSet = instructionSet, Threads = threads, Activations = activations });
    }
}
