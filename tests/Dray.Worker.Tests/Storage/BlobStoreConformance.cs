using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Storage;

/// <summary>What every store does alike.</summary>
public abstract class BlobStoreConformance : IAsyncLifetime
{
    private const int LargeBytes = 20 * 1024 * 1024 + 7;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract IBlobStore Store { get; }

    public abstract ValueTask InitializeAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task ReadClockAsync_ServerOfThisMachine_SaysItsTimeAndLeavesNothing()
    {
        var clock = await Store.ReadClockAsync(Token);

        (clock - DateTimeOffset.UtcNow).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(10));
        (await Store.ExistsAsync("clock", Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task TryCreateAsync_ManyWriters_OneWinsAndItsContentStays()
    {
        var wins = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => Store.TryCreateAsync("a/b.json", Bytes($"writer {i}"), Token))));

        wins.Count(won => won).ShouldBe(1);
        (await TextAsync("a/b.json")).ShouldBe($"writer {Array.IndexOf(wins, true)}");
        (await Store.TryCreateAsync("a/b.json", Bytes("late"), Token)).ShouldBeFalse();
        (await PathsAsync("a/")).ShouldBe(["a/b.json"]);
    }

    [Fact]
    public async Task TryCreateAsync_ManyLargeWriters_OneWinsAndNothingMixes()
    {
        var wins = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Store.TryCreateAsync("a", Large((byte)(i + 1)), Token))));

        wins.Count(won => won).ShouldBe(1);
        (await HashAsync("a")).ShouldBe(LargeHash((byte)(Array.IndexOf(wins, true) + 1)));
    }

    [Fact]
    public async Task PutAsync_ManyLargeWriters_LeaveTheContentOfOne()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(() => Store.PutAsync("a", Large((byte)(i + 1)), Token))));

        Enumerable.Range(0, 3).Select(i => LargeHash((byte)(i + 1))).ShouldContain(await HashAsync("a"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryCreateAsync_WriterFails_LeavesNothing(bool isLarge)
    {
        await Should.ThrowAsync<InvalidOperationException>(Store.TryCreateAsync(
            "a/b.json",
            async (stream, token) =>
            {
                await (isLarge ? Large(1)(stream, token) : stream.WriteAsync(Bytes("half"), token).AsTask());
                throw new InvalidOperationException();
            },
            Token));

        (await Store.ExistsAsync("a/b.json", Token)).ShouldBeFalse();
        (await PathsAsync("a/")).ShouldBeEmpty();
        (await Store.TryReadAsync("a/b.json", Token)).ShouldBeNull();
        (await Store.TryCreateAsync("a/b.json", Bytes("whole"), Token)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8 * 1024 * 1024 - 1)]
    [InlineData(8 * 1024 * 1024)]
    [InlineData(8 * 1024 * 1024 + 1)]
    [InlineData(16 * 1024 * 1024)]
    public async Task PutAsync_AnyLength_IsReadBackWhole(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);

        await Store.PutAsync("a", (stream, token) => stream.WriteAsync(content, token).AsTask(), Token);

        (await Store.TryReadAsync("a", Token))!.Bytes.Span.SequenceEqual(content).ShouldBeTrue();
        await using var stream = await Store.OpenReadAsync("a", cancellationToken: Token);
        (await SHA256.HashDataAsync(stream, Token)).ShouldBe(SHA256.HashData(content));
    }

    [Fact]
    public async Task TryReplaceAsync_ManyWriters_LoseNoChange()
    {
        await Store.TryCreateAsync("count", Bytes("0"), Token);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 5; i++)
            {
                bool replaced;
                do
                {
                    var content = (await Store.TryReadAsync("count", Token))!;
                    var next = int.Parse(Encoding.UTF8.GetString(content.Bytes.Span), CultureInfo.InvariantCulture) + 1;
                    replaced = await Store.TryReplaceAsync("count", Bytes($"{next}"), content.ETag, Token);
                }
                while (!replaced);
            }
        })));

        (await TextAsync("count")).ShouldBe("40");
    }

    [Fact]
    public async Task TryReplaceAsync_StaleOrMissing_ChangesNothing()
    {
        await Store.TryCreateAsync("a", Bytes("1"), Token);
        var stale = (await Store.TryReadAsync("a", Token))!.ETag;
        (await Store.TryReplaceAsync("a", Bytes("2"), stale, Token)).ShouldBeTrue();

        (await Store.TryReplaceAsync("a", Bytes("3"), stale, Token)).ShouldBeFalse();
        (await Store.TryReplaceAsync("none", Bytes("3"), stale, Token)).ShouldBeFalse();

        (await TextAsync("a")).ShouldBe("2");
        (await Store.ExistsAsync("none", Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task PutAsync_WhileRead_ReaderSeesOneVersion()
    {
        await Store.PutAsync("a", (stream, token) => stream.WriteAsync(Bytes("first"), token).AsTask(), Token);
        await using var reader = await Store.OpenReadAsync("a", cancellationToken: Token);

        await Store.PutAsync("a", (stream, token) => stream.WriteAsync(Bytes("other"), token).AsTask(), Token);

        (await new StreamReader(reader).ReadToEndAsync(Token)).ShouldBe("first");
        (await TextAsync("a")).ShouldBe("other");
    }

    [Fact]
    public async Task AppendAsync_ManyWriters_DoNotMix()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => Store.AppendAsync("p/a", Bytes(new string((char)('A' + i), 1000) + "\n"), Token))));

        var lines = (await TextAsync("p/a")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 40).Select(i => new string((char)('A' + i), 1000)));
    }

    [Fact]
    public async Task AppendAsync_LargePiece_GoesInAtOnce()
    {
        var piece = new byte[9 * 1024 * 1024];
        new Random(1).NextBytes(piece);

        await Store.AppendAsync("a", Bytes("x"), Token);
        await Store.AppendAsync("a", piece, Token);

        (await HashAsync("a")).ShouldBe(Convert.ToHexString(SHA256.HashData([(byte)'x', .. piece])));
    }

    [Theory]
    [InlineData(0, null, "0123456789")]
    [InlineData(3, null, "3456789")]
    [InlineData(3, 4L, "3456")]
    [InlineData(0, 4L, "0123")]
    [InlineData(8, 100L, "89")]
    [InlineData(2, 0L, "")]
    [InlineData(10, null, "")]
    [InlineData(99, 5L, "")]
    public async Task OpenReadAsync_Range_ReadsThatMuch(long offset, long? length, string expected)
    {
        await Store.TryCreateAsync("a", Bytes("0123456789"), Token);

        await using var stream = await Store.OpenReadAsync("a", offset, length, Token);

        (await new StreamReader(stream).ReadToEndAsync(Token)).ShouldBe(expected);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(5, null)]
    [InlineData(0, 0L)]
    public async Task OpenReadAsync_BlobThatIsNotThere_SaysSo(long offset, long? length) =>
        (await Should.ThrowAsync<IOException>(() => Store.OpenReadAsync("none", offset, length, Token))).ShouldBeOfType<FileNotFoundException>();

    [Fact]
    public async Task AnyRead_BlobThatIsNotThere_FindsNone()
    {
        (await Store.TryReadAsync("none/at/all", Token)).ShouldBeNull();
        (await Store.ExistsAsync("none/at/all", Token)).ShouldBeFalse();
        (await PathsAsync("none/")).ShouldBeEmpty();
        await Store.DeleteAsync("none/at/all", Token);
    }

    [Fact]
    public async Task ListAsync_Prefix_GivesItsBlobsInOrder()
    {
        foreach (var path in new[] { "a/é", "a/2", "a/B", "a/a", "a/b/3", "ab/4", "a/b-", "a/10" }) await Store.TryCreateAsync(path, Bytes("x"), Token);
        await Store.TryReplaceAsync("a/2", Bytes("y"), (await Store.TryReadAsync("a/2", Token))!.ETag, Token);

        (await PathsAsync("a/")).ShouldBe(["a/10", "a/2", "a/B", "a/a", "a/b-", "a/b/3", "a/é"]);
        await Store.DeleteAsync("a/2", Token);
        await Store.DeleteAsync("a/2", Token);
        (await PathsAsync("a/")).ShouldBe(["a/10", "a/B", "a/a", "a/b-", "a/b/3", "a/é"]);
    }

    [Theory]
    [InlineData("a/0", 0)]
    [InlineData("a/10", 1)]
    [InlineData("a/1x", 1)]
    [InlineData("a/b-", 3)]
    [InlineData("a/b/0", 3)]
    [InlineData("a/b/3", 4)]
    [InlineData("a/b/4/x", 5)]
    [InlineData("a/bc", 6)]
    [InlineData("b", 7)]
    public async Task ListAsync_After_BeginsBehindIt(string after, int passed)
    {
        string[] paths = ["a/10", "a/2", "a/b-", "a/b/3", "a/b/4", "a/bc", "a/é"];
        foreach (var path in paths.Append("ab/4")) await Store.TryCreateAsync(path, Bytes("x"), Token);

        var found = await Store.ListAsync("a/", after, Token).ToListAsync(Token);

        found.ShouldBe(paths[passed..]);
    }

    [Fact]
    public async Task ListFoldersAsync_Prefix_GivesTheNamesRightUnderIt()
    {
        foreach (var path in new[] { "a/b/1", "a/b/2", "a/c/d/3", "a/4", "ab/5" }) await Store.TryCreateAsync(path, Bytes("x"), Token);

        (await Store.ListFoldersAsync("a/", Token).ToListAsync(Token)).ShouldBe(["b", "c"]);
        (await Store.ListFoldersAsync("none/", Token).ToListAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ListEntriesAsync_Folder_GivesSizesAndVersionsThatChangeWithTheContent()
    {
        foreach (var path in new[] { "a/1", "a/b/2", "ab/3" }) await Store.TryCreateAsync(path, Bytes("x"), Token);
        var before = await EntriesAsync("a/");

        await Store.PutAsync("a/1", (stream, token) => stream.WriteAsync(Bytes("xyz"), token).AsTask(), Token);
        var after = await EntriesAsync("a/");

        before.Keys.Order(StringComparer.Ordinal).ShouldBe(["a/1", "a/b/2"]);
        (before["a/1"].Length, after["a/1"].Length).ShouldBe((1, 3));
        after["a/1"].Version.ShouldNotBe(before["a/1"].Version);
        after["a/b/2"].ShouldBe(before["a/b/2"]);
        (await EntriesAsync("")).Keys.Order(StringComparer.Ordinal).ShouldBe(["a/1", "a/b/2", "ab/3"]);
        (await EntriesAsync("none/")).ShouldBeEmpty();

        async Task<Dictionary<string, BlobEntry>> EntriesAsync(string prefix) =>
            await Store.ListEntriesAsync(prefix, Token).ToDictionaryAsync(entry => entry.Path, cancellationToken: Token);
    }

    [Theory]
    [InlineData("%2e%2e/a")]
    [InlineData("a%2fb")]
    [InlineData("a+b c#d&e=f;g")]
    [InlineData("ä/文")]
    public async Task AnyOperation_NameWithSigns_IsTakenAsItStands(string path)
    {
        await Store.TryCreateAsync(path, Bytes("x"), Token);
        await Store.AppendAsync(path + ".log", Bytes("y"), Token);

        (await TextAsync(path)).ShouldBe("x");
        (await TextAsync(path + ".log")).ShouldBe("y");
        if (path.Contains('/', StringComparison.Ordinal)) (await PathsAsync(path[..path.IndexOf('/', StringComparison.Ordinal)])).ShouldBe([path, path + ".log"]);
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a\\..\\b")]
    [InlineData("C:/a")]
    [InlineData("a/.tmp-1")]
    [InlineData("a./b")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a?sig=b")]
    [InlineData("a/")]
    [InlineData("")]
    public async Task AnyOperation_PathThatLeavesTheStore_IsRefused(string path)
    {
        await Refused(() => Store.TryReadAsync(path, Token));
        await Refused(() => Store.OpenReadAsync(path, cancellationToken: Token));
        await Refused(() => Store.ExistsAsync(path, Token));
        await Refused(() => Store.TryCreateAsync(path, Bytes("x"), Token));
        await Refused(() => Store.TryReplaceAsync(path, Bytes("x"), "\"1\"", Token));
        await Refused(() => Store.PutAsync(path, (_, _) => Task.CompletedTask, Token));
        await Refused(() => Store.AppendAsync(path, Bytes("x"), Token));
        await Refused(() => Store.DeleteAsync(path, Token));
        if (path != "a/") await Refused(() => PathsAsync(path));

        static async Task Refused(Func<Task> call) => await Should.ThrowAsync<ArgumentException>(async () => await call());
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected async Task<string> TextAsync(string path) => Encoding.UTF8.GetString((await Store.TryReadAsync(path, Token))!.Bytes.Span);

    protected async Task<IReadOnlyList<string>> PathsAsync(string prefix) => await Store.ListAsync(prefix, Token).ToListAsync(Token);

    protected static Func<Stream, CancellationToken, Task> Large(byte seed) => async (stream, token) =>
    {
        var piece = new byte[1_000_003];
        Array.Fill(piece, seed);
        for (var left = LargeBytes; left > 0; left -= piece.Length)
            await stream.WriteAsync(piece.AsMemory(0, Math.Min(left, piece.Length)), token);
    };

    protected static string LargeHash(byte seed)
    {
        var content = new byte[LargeBytes];
        Array.Fill(content, seed);
        return Convert.ToHexString(SHA256.HashData(content));
    }

    protected async Task<string> HashAsync(string path)
    {
        await using var stream = await Store.OpenReadAsync(path, cancellationToken: Token);
        return Convert.ToHexString(await SHA256.HashDataAsync(stream, Token));
    }
}
