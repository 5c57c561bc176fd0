namespace Dray.Inference.Ilgpu.Tests;

/// <summary>The device that tests run on.</summary>
internal static class TestDevice
{
    /// <summary>Gets its kind: <c>opencl</c>, or what $DRAY_TEST_DEVICE says.</summary>
    public static string Kind { get; } = Environment.GetEnvironmentVariable("DRAY_TEST_DEVICE") ?? "opencl";

    /// <summary>Opens the first one of its kind, or skips the test.</summary>
    public static IlgpuBackend Open()
    {
        var device = IlgpuDevices.List().FirstOrDefault(device => device.Kind == Kind && device.Problem is null);
        RequiredServices.Demand(device is not null, $"{Kind} device");
        return (IlgpuBackend)IlgpuDevices.Open(device!);
    }
}
