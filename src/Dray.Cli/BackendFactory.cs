using Dray.Cli.Configuration;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Ilgpu;

namespace Dray.Cli;

/// <summary>From the configured device to a compute backend.</summary>
internal static class BackendFactory
{
    /// <exception cref="CommandException">The device asked for can't be used.</exception>
    public static IComputeBackend Create(DrayConfiguration configuration) => configuration.Device switch
    {
        "auto" or "cpu" => new CpuBackend(new CpuBackendOptions { Threads = configuration.Threads }),
        var device => throw new CommandException(ExitCode.Usage, Refusal(device)),
    };

    private static string Refusal(string device)
    {
        var found = IlgpuDevices.List().FirstOrDefault(candidate => candidate.Kind == device);
        return found is null
            ? $"The device is {device}, but no such device was found on this machine; use cpu."
            : $"The device is {device}, and {found.Name} was found, but this version computes on the CPU only; use cpu.";
    }
}
