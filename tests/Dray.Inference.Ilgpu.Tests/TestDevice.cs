namespace Dray.Inference.Ilgpu.Tests;

/// <summary>The device that tests run on.</summary>
internal static class TestDevice
{
    private static readonly string Kind = Environment.GetEnvironmentVariable("DRAY_TEST_DEVICE") ?? "opencl";

    /// <summary>Opens the first one of its kind, or skips the test.</summary>
    public static IlgpuBackend Open()
    {
        var device = IlgpuDevices.List().FirstOrDefault(device => device.Kind == Kind && device.Problem is null);
        RequiredServices.Demand(device is not null, $"{Kind} device");
        return (IlgpuBackend)IlgpuDevices.Open(device!);
    }
}
