using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Tests.Compute.Cpu;

namespace Dray.Inference.Tests.Models;

public sealed class CpuModelGoldenTests : ModelGoldens
{
    protected override IComputeBackend Create() =>
        new CpuBackend(new CpuBackendOptions { InstructionSet = CpuFeatures.Available.Last(path => path <= CpuInstructionSet.Avx512) });
}
