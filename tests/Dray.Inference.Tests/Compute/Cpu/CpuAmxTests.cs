using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuAmxTests : AssembledConformance
{
    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Amx, threads: 2);
}
