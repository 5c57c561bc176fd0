using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Models;

public sealed class CpuModelGoldenTests : ModelGoldens
{
    protected override IComputeBackend Create() => new CpuBackend();
}
