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
    /// <summary>Opens the device.</summary>
    /// <exception cref="EngineConfigurationException">The device asked for is missing or can't be used.</exception>
    public static IComputeBackend Create(DrayConfiguration configuration, ILoggerFactory loggers) =>
        ComputeDevices.Open(configuration.Device, OptionsOf(configuration), Logger(loggers));

    /// <summary>Starts the CPU, whatever the configured device.</summary>
    /// <exception cref="EngineConfigurationException">The path asked for can't be used here.</exception>
    public static CpuBackend Cpu(DrayConfiguration configuration, ILoggerFactory loggers) =>
        ComputeDevices.OpenCpu(OptionsOf(configuration), Logger(loggers));

    private static CpuBackendOptions OptionsOf(DrayConfiguration configuration) => new()
    {
        Threads = configuration.Threads,
        InstructionSet = configuration.CpuPath,
        Activations = configuration.Activations,
        WeightCache = configuration.WeightCache,
    };

    private static ILogger Logger(ILoggerFactory loggers) => loggers.CreateLogger(typeof(BackendFactory));
}
