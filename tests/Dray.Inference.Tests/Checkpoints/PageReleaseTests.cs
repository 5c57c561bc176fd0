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
    public void ReadCodes_WholeCheckpointStripByStrip_LeavesFewPagesResident()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: pages are given back explicitly on Linux only");

        // The feed-forward matrices are larger than the interval at which dense ones are given back: strips of columns must not be.
        var shape = new SyntheticShape
        {
            Hidden = 1024, Layers = 1, Heads = 8, KvHeads = 2, HeadDim = 128, Intermediate = 80_000, Vocabulary = 20_000,
        };
        SyntheticCheckpoint.Write(_folder, shape, shardBytes: 100_000_000);
        using var checkpoint = Checkpoint.Open(_folder);
        foreach (var (module, (outputs, inputs)) in checkpoint.Matrices)
        {
            ReadStrips(checkpoint.Linear(module), outputs, inputs);

            // What stays is what the system mapped beyond the ends of a tensor while its last pages were read.
            ResidentBytes().ShouldBeLessThan(10 << 20, module);
        }
    }

    private static void ReadStrips(LinearSource linear, int outputs, int inputs)
    {
        const int Strip = 256;
        var bytes = new byte[Strip * inputs * 2];
        for (var first = 0; first < outputs; first += Strip)
        {
            var count = Math.Min(Strip, outputs - first);
            if (linear is not QuantizedLinear quantized)
            {
                ((DenseLinear)linear).ReadRaw(first, count, bytes);
                continue;
            }

            quantized.ReadCodes(first, count, bytes);
            quantized.ReadScales(first, count, new float[count * quantized.Groups], new short[count * quantized.Groups]);
        }
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
