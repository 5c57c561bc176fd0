using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;
using Microsoft.Extensions.Logging;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed unsafe class WeightCacheTests : IDisposable
{
    private static readonly LinearSource[] Sources =
    [
        new InMemoryQuantized(1, 40, 96, 4, 32),
        new InMemoryQuantized(2, 70, 96, 8, 32, symmetric: false),
        new InMemoryDense(3, 200, 96, DataType.BFloat16),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly ThreadTeam _team = new(2);
    private readonly WarningCount _log = new();

    private string Folder => Path.Combine(_folder.Path, "cache");

    public void Dispose()
    {
        _team.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Find_SecondLoad_HandsOutWhatWasPacked()
    {
        var packed = Load();
        var found = Load();

        for (var i = 0; i < Sources.Length; i++)
        {
            found[i].Code.ShouldBe(packed[i].Code);
            Bytes(found[i]).ShouldBe(Bytes(packed[i]));
        }

        _log.Warnings.ShouldBe(0);
        var file = Directory.GetFiles(Folder).ShouldHaveSingleItem();
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        new FileInfo(file).Length.ShouldBeLessThan(packed.Sum(part => part.Bytes) + 4096);
        Release(packed);
        Release(found);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("cut short")]
    [InlineData("something else")]
    [InlineData("weight changed")]
    [InlineData("index changed")]
    [InlineData("anyone may write it")]
    public void Open_UnusableFile_IsNamedOnceAndMadeAnew(string damage)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "skipped: a file's mode is a matter of Unix");
        var packed = Load();
        var path = Directory.GetFiles(Folder).Single();
        Damage(path, damage);

        var again = Load();

        _log.Warnings.ShouldBe(1);
        for (var i = 0; i < Sources.Length; i++) Bytes(again[i]).ShouldBe(Bytes(packed[i]));
        Release(Load());
        _log.Warnings.ShouldBe(1);
        Release(packed);
        Release(again);
    }

    [Fact]
    public void Open_FileOfAnotherCheckpoint_IsMadeAnew()
    {
        Release(Load());
        var path = Directory.GetFiles(Folder).Single();
        File.Move(path, path.Replace("f00d", "beef", StringComparison.Ordinal));
        using var use = Cache().Open("beef");
        use.Find(Sources).ShouldBeNull();
        _log.Warnings.ShouldBe(1);
    }

    [Fact]
    public void Open_FolderCannotBeMade_LoadsWithout()
    {
        File.WriteAllText(Folder, "a file in the folder's place");
        Release(Load());
        _log.Warnings.ShouldBe(1);
    }

    [Fact]
    public void Dispose_LoadFailed_LeavesNothing()
    {
        using (var use = Cache().Open("f00d"))
        {
            var parts = new MatrixPacker(_team).Pack(Sources[..1]);
            use.Add(Sources[..1], parts);
            Release(parts);
        }

        Directory.GetFiles(Folder).ShouldBeEmpty();
    }

    [Fact]
    public void Open_FileOfAKilledProcess_IsDeletedButNotOneThatIsWritten()
    {
        Directory.CreateDirectory(Folder);
        var abandoned = Path.Combine(Folder, $"f00d-v{PackedPart.LayoutVersion}.weights.1.unfinished");
        File.WriteAllText(abandoned, "half");
        using var first = Cache().Open("f00d");
        using var second = Cache().Open("f00d");
        File.Exists(abandoned).ShouldBeFalse();
        Directory.GetFiles(Folder).Length.ShouldBe(2);
    }

    [Fact]
    public void Find_LayerOfAnotherShape_IsNotInTheCache()
    {
        Release(Load());
        using var use = Cache().Open("f00d");
        use.Find([new InMemoryQuantized(1, 40, 128, 4, 32)]).ShouldBeNull();
        use.Find([new InMemoryQuantized(1, 40, 96, 4, 48)]).ShouldBeNull();
        use.Find([Sources[0], new InMemoryDense(1, 8, 96, DataType.Float32)]).ShouldBeNull();
    }

    private static void Damage(string path, string damage)
    {
        var bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "empty":
                bytes = [];
                break;
            case "cut short":
                bytes = bytes[..^100];
                break;
            case "something else":
                bytes = new byte[5000];
                break;
            case "weight changed":
                bytes[700] ^= 1;
                break;
            case "index changed":
                bytes[^40] ^= 1;
                break;
            default:
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
                return;
        }

        File.WriteAllBytes(path, bytes);
    }

    private static byte[] Bytes(PackedPart part)
    {
        var bytes = part.Blocks.SelectMany(Copy).ToArray();
        GC.KeepAlive(part);
        return bytes;
    }

    private static byte[] Copy(NativeBlock block) => new ReadOnlySpan<byte>(block.Pointer, (int)block.Bytes).ToArray();

    private static void Release(PackedPart[] parts)
    {
        foreach (var part in parts) part.Dispose();
    }

    private WeightCache Cache() => new(Folder, _team, _log);

    private PackedPart[] Load()
    {
        using var use = Cache().Open("f00d");
        var parts = use.Find(Sources);
        if (parts is null)
        {
            parts = new MatrixPacker(_team).Pack(Sources);
            use.Add(Sources, parts);
        }

        use.Complete();
        return parts;
    }

    private sealed class WarningCount : ILogger
    {
        public int Warnings { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning) Warnings++;
        }
    }
}
