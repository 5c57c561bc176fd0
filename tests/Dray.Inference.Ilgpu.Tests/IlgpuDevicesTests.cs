namespace Dray.Inference.Ilgpu.Tests;

public sealed class IlgpuDevicesTests
{
    [Fact]
    public void Open_DeviceWithAProblem_SaysWhichDeviceAndWhy()
    {
        var device = new IlgpuDevice("cuda", 1, "GeForce GTX 1080", 8L << 30, IsGpu: true, "has compute capability 6.1; 8.0 (Ampere) or later is needed");
        Should.Throw<EngineConfigurationException>(() => IlgpuDevices.Open(device)).Message
            .ShouldBe("The device cuda:1, GeForce GTX 1080, has compute capability 6.1; 8.0 (Ampere) or later is needed.");
    }
}
