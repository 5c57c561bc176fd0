using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuAvx512VnniTests : AssembledConformance
{
    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Avx512Vnni, threads: 2);
}
