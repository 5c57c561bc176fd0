using Dray.Cli.Configuration;
using Dray.Inference;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Ilgpu;

namespace Dray.Cli;

/// <summary>From the configured device to a compute backend.</summary>
internal static class BackendFactory
{
    /// <summary>Opens the device; <c>auto</c> is the first GPU that can be used, or else the CPU.</summary>
    /// <exception cref="EngineConfigurationException">The device asked for is missing or can't be used.</exception>
    public static IComputeBackend Create(DrayConfiguration configuration) => configuration.Device switch
    {
        "cpu" => Cpu(configuration),
        "auto" => IlgpuDevices.List().FirstOrDefault(device => device is { IsGpu: true, Problem: null }) is { } gpu ? IlgpuDevices.Open(gpu) : Cpu(configuration),
        var option => IlgpuDevices.Open(Find(option)),
    };

    private static CpuBackend Cpu(DrayConfiguration configuration) => new(new CpuBackendOptions { Threads = configuration.Threads });

    private static IlgpuDevice Find(string option)
    {
        var devices = IlgpuDevices.List();
        return devices.FirstOrDefault(device => device.Option == option || device.Kind == option) ?? throw new EngineConfigurationException(
            $"The device is {option}, but {(devices.Count == 0 ? "this machine has no driver for any" : $"this machine has {string.Join(", ", devices.Select(device => $"{device.Option} ({device.Name})"))}")}; use one of those or cpu.");
    }
}
