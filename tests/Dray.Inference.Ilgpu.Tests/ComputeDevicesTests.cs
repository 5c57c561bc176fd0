namespace Dray.Inference.Ilgpu.Tests;

public sealed class ComputeDevicesTests
{
    private static readonly IlgpuDevice[] Devices =
    [
        new("cuda", 0, "NVIDIA H100", 80L << 30, IsGpu: true, null),
        new("cuda", 1, "NVIDIA H100", 80L << 30, IsGpu: true, null),
        new("opencl", 0, "pthread", 24L << 30, IsGpu: false, null),
    ];

    [Theory]
    [InlineData("cuda", "cuda:0")]
    [InlineData("cuda:1", "cuda:1")]
    [InlineData("opencl", "opencl:0")]
    public void Find_KindOrNumber_IsTheDevice(string option, string found) => ComputeDevices.Find(option, Devices).Option.ShouldBe(found);

    [Fact]
    public void Find_NotThere_NamesThoseThatAre() =>
        Should.Throw<EngineConfigurationException>(() => ComputeDevices.Find("cuda:2", Devices)).Message.ShouldBe(
            "The device is cuda:2, but this machine has only cuda:0 (NVIDIA H100), cuda:1 (NVIDIA H100), opencl:0 (pthread); use one of those, or cpu.");

    [Fact]
    public void Find_NoDrivers_SaysSo() =>
        Should.Throw<EngineConfigurationException>(() => ComputeDevices.Find("opencl", [])).Message.ShouldBe(
            "The device is opencl, but this machine has no driver of any GPU; use cpu.");
}
