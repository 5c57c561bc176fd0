using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Ilgpu;

namespace Dray.Cli;

/// <summary>From <c>--device</c> to a compute backend.</summary>
internal static class BackendFactory
{
    /// <exception cref="CommandException">The device asked for can't be used.</exception>
    public static IComputeBackend Create(string device) => device switch
    {
        "auto" or "cpu" => new CpuBackend(),
        _ => throw new CommandException(ExitCode.Usage, Refusal(device)),
    };

    private static string Refusal(string device)
    {
        var found = IlgpuDevices.List().FirstOrDefault(candidate => candidate.Kind == device);
        return found is null
            ? $"--device {device}: no such device was found on this machine. Use --device cpu."
            : $"--device {device}: {found.Name} was found, but this version computes on the CPU only. Use --device cpu.";
    }
}
