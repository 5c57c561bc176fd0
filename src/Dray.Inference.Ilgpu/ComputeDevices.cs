using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Microsoft.Extensions.Logging;

namespace Dray.Inference.Ilgpu;

/// <summary>From the value of the option <c>device</c> to a backend that computes.</summary>
public static class ComputeDevices
{
    /// <summary>Opens a device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>opencl</c>, or <c>auto</c> for the first GPU that can be used, or else the CPU.</summary>
    /// <param name="device">Which.</param>
    /// <param name="cpu">How the CPU is used, where it computes.</param>
    /// <param name="logger">Told of what is passed over, and of what makes computing slower than it could be.</param>
    /// <exception cref="EngineConfigurationException">The device asked for is missing or can't be used.</exception>
    public static IComputeBackend Open(string device, CpuBackendOptions cpu, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device switch
        {
            "cpu" => OpenCpu(cpu, logger),
            "auto" => FirstGpu(logger) ?? OpenCpu(cpu, logger),
            _ => IlgpuDevices.Open(Find(device, IlgpuDevices.List()), logger),
        };
    }

    /// <summary>Starts the CPU.</summary>
    /// <exception cref="EngineConfigurationException">The path asked for can't be used here.</exception>
    public static CpuBackend OpenCpu(CpuBackendOptions options, ILogger logger)
    {
        var backend = new CpuBackend(options, logger);
        if (backend.Limitation is { } limitation) logger.LogWarning("{Limitation}", limitation);
        return backend;
    }

    /// <summary>The device that an option such as <c>cuda</c> or <c>opencl:1</c> means.</summary>
    internal static IlgpuDevice Find(string option, IReadOnlyList<IlgpuDevice> devices) =>
        devices.FirstOrDefault(device => device.Option == option || device.Kind == option) ?? throw new EngineConfigurationException(
            $"The device is {option}, but this machine has {(devices.Count == 0
                ? "no driver of any GPU; use cpu"
                : $"only {string.Join(", ", devices.Select(device => $"{device.Option} ({device.Name})"))}; use one of those, or cpu")}.");

    private static IComputeBackend? FirstGpu(ILogger logger)
    {
        var gpus = IlgpuDevices.List().Where(device => device.IsGpu).ToList();
        foreach (var gpu in gpus)
        {
            try
            {
                return IlgpuDevices.Open(gpu, logger);
            }
            catch (EngineConfigurationException exception)
            {
                logger.LogWarning("{Problem} It is passed over", exception.Message);
            }
        }

        if (gpus.Count > 0) logger.LogWarning("No GPU of this machine can be used, so the CPU computes; device: cpu says so without this warning");
        else logger.LogInformation("This machine has no GPU, so the CPU computes");
        return null;
    }
}
