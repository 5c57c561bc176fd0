using Dray.Inference.Compute;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests;

/// <summary>
/// The device that tests run on: OpenCL, which is PoCL on a machine without a GPU, or what $DRAY_TEST_DEVICE says, such as cuda. Opened once, because
/// drivers take seconds to compile the kernels: tests that use it are of the collection <see cref="Collection"/>, which run one after another.
/// </summary>
internal static class TestDevice
{
    public const string Collection = "device";

    public static readonly string Kind = Environment.GetEnvironmentVariable("DRAY_TEST_DEVICE") ?? "opencl";

    private static readonly Lazy<IComputeBackend?> Device = new(() =>
        IlgpuDevices.List().FirstOrDefault(device => device.Kind == Kind && device.Problem is null) is { } device ? IlgpuDevices.Open(device) : null);

    /// <summary>The device, which stays open when it is disposed of; skips the test where there is none.</summary>
    public static IComputeBackend Open()
    {
        RequiredServices.Demand(Device.Value is not null, $"{Kind} device");
        return new InterceptedBackend(Device.Value!, _ => { }, ownsInner: false);
    }
}
