using Dray.Inference.Compute;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests;

/// <summary>Every operation on a real driver.</summary>
[Collection(TestDevice.Collection)]
public sealed class DeviceConformanceTests : BackendConformance
{
    protected override IComputeBackend Create() => TestDevice.Open();
}
