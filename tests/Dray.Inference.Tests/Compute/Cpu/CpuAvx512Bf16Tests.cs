using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuAvx512Bf16Tests : AssembledConformance
{
    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Avx512Bf16, threads: 2);
}
