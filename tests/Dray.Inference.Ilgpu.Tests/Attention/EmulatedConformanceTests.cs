using Dray.Inference.Compute;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests.Attention;

public sealed class EmulatedConformanceTests : BackendConformance
{
    protected override IComputeBackend Create() => new AttentionBackend(AttentionDevices.Emulated);
}
