using Dray.Inference.Compute;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests;

/// <summary>Every operation on a real driver: OpenCL, which is PoCL on a machine without a GPU, or what $DRAY_TEST_DEVICE says, such as cuda.</summary>
public sealed class DeviceConformanceTests : BackendConformance
{
    // Drivers take seconds to compile the kernels.
    private static readonly Lazy<IComputeBackend> Shared = new(TestDevice.Open);

    protected override IComputeBackend Create() => new InterceptedBackend(Shared.Value, _ => { }, ownsInner: false);
}
