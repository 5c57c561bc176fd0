using System.Globalization;
using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

/// <summary>Packing must not keep the checkpoint's pages beside the packed weights.</summary>
public sealed class PageReleaseTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"dray-pages-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReadRows_WholeCheckpointStripByStrip_LeavesFewPagesResident()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: pages are given back explicitly on Linux only");
        var shape = new SyntheticShape { Hidden = 1024, Layers = 2, Heads = 8, KvHeads = 2, HeadDim = 128, Intermediate = 4096, Vocabulary = 8192 };
        var total = SyntheticCheckpoint.Write(_folder, shape, shardBytes: 20_000_000);
        using var checkpoint = Checkpoint.Open(_folder);
        var largest = 0L;
        foreach (var (module, (outputs, inputs)) in checkpoint.Matrices)
        {
            var linear = checkpoint.Linear(module);
            var rows = new float[64 * inputs];
            for (var first = 0; first < outputs; first += 64)
                linear.ReadRows(first, Math.Min(64, outputs - first), rows);
            largest = Math.Max(largest, ResidentBytes());
        }

        checkpoint.Tensors.Select(tensor => tensor.Shard).Distinct().Count().ShouldBeGreaterThan(2);
        largest.ShouldBeLessThan(total / 4);
    }

    private long ResidentBytes()
    {
        var (resident, isOurs) = (0L, false);
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Contains('-') && !line.Contains("kB", StringComparison.Ordinal))
                isOurs = line.Contains(_folder, StringComparison.Ordinal);
            else if (isOurs && line.StartsWith("Rss:", StringComparison.Ordinal))
                resident += long.Parse(line.AsSpan()[4..^2], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
        }

        return resident;
    }
}
