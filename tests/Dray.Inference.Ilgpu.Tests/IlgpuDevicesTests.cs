namespace Dray.Inference.Ilgpu.Tests;

public sealed class IlgpuDevicesTests
{
    [Fact]
    public void List_AnyMachine_HasTheEmulatedDevice() =>
        IlgpuDevices.List().ShouldContain(device => device.Kind == "cpu" && device.MemoryBytes > 0);
}
