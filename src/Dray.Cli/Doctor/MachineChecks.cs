using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dray.Cli.Configuration;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Ilgpu;
using Dray.Worker.Storage;

namespace Dray.Cli.Doctor;

/// <summary>What there is to compute with, and whether there is room for it.</summary>
internal static class MachineChecks
{
    private const long FewBytes = 2L << 30;
    private const string HugePages = "/sys/kernel/mm/transparent_hugepage/enabled";
    private const string MemoryLimit = "/sys/fs/cgroup/memory.max";

    /// <summary>Processor, runtime and memory.</summary>
    public static IReadOnlyList<Finding> Processor(DrayConfiguration configuration)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = configuration.Threads, InstructionSet = configuration.CpuPath });
        var name = CpuInstructionSets.NameOf(backend.InstructionSet);
        var limit = File.Exists(MemoryLimit) && long.TryParse(File.ReadAllText(MemoryLimit), CultureInfo.InvariantCulture, out var bytes)
            ? $", limited to {Gigabytes(bytes)} by the container" : "";
        var findings = new List<Finding>
        {
            backend.Limitation is { } limitation
                ? Finding.Warn("cpu", $"kernels {name}. {limitation}", "Allow it to the process or go on: answers are the same kind, but slower.")
                : Finding.Ok("cpu", $"kernels {name}, {Environment.ProcessorCount} logical processors"),
            Finding.Ok("runtime", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
            Finding.Ok("memory", $"{Gigabytes(backend.MemoryBytes)} for this process{limit}"),
        };
        if (File.Exists(HugePages) && File.ReadAllText(HugePages).Contains("[never]", StringComparison.Ordinal))
            findings.Add(Finding.Warn("huge pages", "switched off, which costs speed", $"As root: echo madvise > {HugePages}"));
        return findings;
    }

    /// <summary>The GPUs that drivers offer, with the reason where one can't be used.</summary>
    public static IReadOnlyList<Finding> Gpus(DrayConfiguration configuration)
    {
        var wanted = configuration.Device is not ("auto" or "cpu");
        var devices = IlgpuDevices.List();
        if (devices.Count == 0 && !wanted) return [Finding.Ok("gpu", "none, so the CPU computes")];
        if (wanted && !devices.Any(device => device.Option == configuration.Device || device.Kind == configuration.Device))
            return [Finding.Fail("gpu", $"device is {configuration.Device}, but no driver offers one", "Install the driver of the GPU, or set device to auto or cpu.")];
        return [.. devices.Select(device => device.Problem is { } problem
            ? Finding.Warn(device.Option, $"{device.Name} {problem}", "Until then it is passed over.")
            : Finding.Ok(device.Option, $"{device.Name}, {Gigabytes(device.MemoryBytes)}"))];
    }

    /// <summary>Room on the disks that are written to.</summary>
    public static IReadOnlyList<Finding> Disks(DrayConfiguration configuration)
    {
        var folders = new List<(string Subject, string Folder)> { ("disk", Directory.GetCurrentDirectory()) };
        if (configuration.WeightCache is { } cache) folders.Add(("weight cache", cache));
        if (configuration.Store is { } store && BlobStoreLocation.Parse(store).Folder is { } folder) folders.Add(("store's disk", folder));
        return [.. folders.Select(place =>
        {
            var free = new DriveInfo(Existing(place.Folder)).AvailableFreeSpace;
            var message = $"{Gigabytes(free)} free at {place.Folder}";
            return free < FewBytes ? Finding.Warn(place.Subject, message, "Make room: answers and packed weights are kept there.") : Finding.Ok(place.Subject, message);
        })];
    }

    /// <summary>Whether the port that would be served on is free.</summary>
    public static IReadOnlyList<Finding> Port(DrayConfiguration configuration)
    {
        var port = configuration.Port;
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return [Finding.Ok("port", $"{port} is free")];
        }
        catch (SocketException exception)
        {
            return [Finding.Warn("port", $"{port} can't be served on: {exception.Message}", "Where that isn't Dray itself, give serve and worker another with --port.")];
        }
    }

    // A folder that isn't there yet will be made on the disk of the one that it goes into.
    private static string Existing(string folder)
    {
        var full = Path.GetFullPath(folder);
        while (!Directory.Exists(full)) full = Path.GetDirectoryName(full)!;
        return full;
    }

    private static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):F1} GiB");
}
