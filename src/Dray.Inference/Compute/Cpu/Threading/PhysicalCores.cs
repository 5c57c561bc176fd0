namespace Dray.Inference.Compute.Cpu;

/// <summary>How many threads can run without sharing a core's arithmetic units.</summary>
internal static class PhysicalCores
{
    /// <summary>
    /// Physical cores as Linux lists them (<c>topology/thread_siblings_list</c>), at most the processors that this process may use;
    /// elsewhere, the processors that it may use.
    /// </summary>
    public static int Count()
    {
        const string folder = "/sys/devices/system/cpu";
        try
        {
            if (!Directory.Exists(folder)) return Environment.ProcessorCount;
            var cores = Directory.EnumerateDirectories(folder, "cpu*")
                .Select(cpu => Path.Combine(cpu, "topology", "thread_siblings_list"))
                .Where(File.Exists)
                .Select(File.ReadAllText)
                .Distinct(StringComparer.Ordinal)
                .Count();
            return cores == 0 ? Environment.ProcessorCount : Math.Min(cores, Environment.ProcessorCount);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Environment.ProcessorCount;
        }
    }
}
