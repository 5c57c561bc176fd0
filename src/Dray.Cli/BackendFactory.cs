using Dray.Cli.Configuration;
using Dray.Inference;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Ilgpu;
using Microsoft.Extensions.Logging;

namespace Dray.Cli;

/// <summary>From the configured device to a compute backend.</summary>
internal static class BackendFactory
{
    /// <summary>Opens the device; <c>auto</c> is the first GPU that can be used, or else the CPU.</summary>
    /// <exception cref="EngineConfigurationException">The device asked for is missing or can't be used.</exception>
    public static IComputeBackend Create(DrayConfiguration configuration, ILoggerFactory loggers) => configuration.Device switch
    {
        "cpu" => Cpu(configuration, loggers),
        "auto" => Gpu(Logger(loggers)) ?? Cpu(configuration, loggers),
        var option => IlgpuDevices.Open(Find(option, IlgpuDevices.List()), Logger(loggers)),
    };

    /// <summary>Starts the CPU, whatever the configured device.</summary>
    /// <exception cref="EngineConfigurationException">The path asked for can't be used here.</exception>
    public static CpuBackend Cpu(DrayConfiguration configuration, ILoggerFactory loggers)
    {
        var options = new CpuBackendOptions
        {
            Threads = configuration.Threads,
            InstructionSet = configuration.CpuPath,
            Activations = configuration.Activations,
            WeightCache = configuration.WeightCache,
        };
        var backend = new CpuBackend(options, Logger(loggers));
        if (backend.Limitation is { } limitation) Logger(loggers).LogWarning("{Limitation}", limitation);
        return backend;
    }

    /// <summary>The device that an option such as <c>cuda</c> or <c>opencl:1</c> means.</summary>
    internal static IlgpuDevice Find(string option, IReadOnlyList<IlgpuDevice> devices) =>
        devices.FirstOrDefault(device => device.Option == option || device.Kind == option) ?? throw new EngineConfigurationException(
            $"The device is {option}, but this machine has {(devices.Count == 0
                ? "no driver of any GPU; use cpu"
                : $"only {string.Join(", ", devices.Select(device => $"{device.Option} ({device.Name})"))}; use one of those, or cpu")}.");

    private static ILogger Logger(ILoggerFactory loggers) => loggers.CreateLogger(typeof(BackendFactory));

    private static IComputeBackend? Gpu(ILogger logger)
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
