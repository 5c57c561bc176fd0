using Dray.Inference.Compute;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests.Attention;

public sealed class OpenClConformanceTests : BackendConformance
{
    protected override IComputeBackend Create() => new AttentionBackend(AttentionDevices.OpenCl);
}
