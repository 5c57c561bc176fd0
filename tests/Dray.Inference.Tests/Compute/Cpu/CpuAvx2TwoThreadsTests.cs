using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuAvx2TwoThreadsTests : BackendConformance
{
    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Avx2, threads: 2);
}
