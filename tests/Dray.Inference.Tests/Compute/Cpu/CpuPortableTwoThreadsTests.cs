using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuPortableTwoThreadsTests : BackendConformance
{
    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Portable, threads: 2);
}
