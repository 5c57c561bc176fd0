using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuAvx512OneThreadTests : BackendConformance
{
    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Avx512, threads: 1);
}
