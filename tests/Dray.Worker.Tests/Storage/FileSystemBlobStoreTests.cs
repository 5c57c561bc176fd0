using System.Text;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Storage;

public sealed class FileSystemBlobStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemBlobStore _store;

    public FileSystemBlobStoreTests() => _store = new FileSystemBlobStore(_folder.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TryCreateAsync_ManyWriters_OneWinsAndItsContentStays()
    {
        var wins = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => _store.TryCreateAsync("a/b.json", Bytes($"writer {i}"), Token))));

        wins.Count(won => won).ShouldBe(1);
        (await TextAsync("a/b.json")).ShouldBe($"writer {Array.IndexOf(wins, true)}");
        (await _store.TryCreateAsync("a/b.json", Bytes("late"), Token)).ShouldBeFalse();
        Files().ShouldBe(["a/b.json"]);
    }

    [Fact]
    public async Task TryCreateAsync_WriterFails_LeavesNothing()
    {
        await Should.ThrowAsync<InvalidOperationException>(_store.TryCreateAsync(
            "a/b.json",
            async (stream, token) =>
            {
                await stream.WriteAsync(Bytes("half"), token);
                throw new InvalidOperationException();
            },
            Token));

        (await _store.ExistsAsync("a/b.json", Token)).ShouldBeFalse();
        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task TryReplaceAsync_ManyWriters_LoseNoChange()
    {
        await _store.TryCreateAsync("count", Bytes("0"), Token);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                bool replaced;
                do
                {
                    var content = (await _store.TryReadAsync("count", Token))!;
                    var next = int.Parse(Encoding.UTF8.GetString(content.Bytes.Span), System.Globalization.CultureInfo.InvariantCulture) + 1;
                    replaced = await _store.TryReplaceAsync("count", Bytes($"{next}"), content.ETag, Token);
                }
                while (!replaced);
            }
        })));

        (await TextAsync("count")).ShouldBe("80");
    }

    [Fact]
    public async Task TryReplaceAsync_StaleOrMissing_ChangesNothing()
    {
        await _store.TryCreateAsync("a", Bytes("1"), Token);
        var stale = (await _store.TryReadAsync("a", Token))!.ETag;
        (await _store.TryReplaceAsync("a", Bytes("2"), stale, Token)).ShouldBeTrue();

        (await _store.TryReplaceAsync("a", Bytes("3"), stale, Token)).ShouldBeFalse();
        (await _store.TryReplaceAsync("none", Bytes("3"), stale, Token)).ShouldBeFalse();

        (await TextAsync("a")).ShouldBe("2");
        (await _store.ExistsAsync("none", Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task PutAsync_WhileRead_ReaderSeesOneVersion()
    {
        await _store.PutAsync("a", (stream, token) => stream.WriteAsync(Bytes("first"), token).AsTask(), Token);
        await using var reader = await _store.OpenReadAsync("a", cancellationToken: Token);

        await _store.PutAsync("a", (stream, token) => stream.WriteAsync(Bytes("other"), token).AsTask(), Token);

        (await new StreamReader(reader).ReadToEndAsync(Token)).ShouldBe("first");
        (await TextAsync("a")).ShouldBe("other");
    }

    [Fact]
    public async Task AppendAsync_ManyWriters_DoNotMix()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => _store.AppendAsync("p/a", Bytes(new string((char)('A' + i), 1000) + "\n"), Token))));

        var lines = (await TextAsync("p/a")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 40).Select(i => new string((char)('A' + i), 1000)));
    }

    [Theory]
    [InlineData(0, null, "0123456789")]
    [InlineData(3, null, "3456789")]
    [InlineData(3, 4L, "3456")]
    [InlineData(8, 100L, "89")]
    [InlineData(2, 0L, "")]
    public async Task OpenReadAsync_Range_ReadsThatMuch(long offset, long? length, string expected)
    {
        await _store.TryCreateAsync("a", Bytes("0123456789"), Token);

        await using var stream = await _store.OpenReadAsync("a", offset, length, Token);

        (await new StreamReader(stream).ReadToEndAsync(Token)).ShouldBe(expected);
    }

    [Fact]
    public async Task ListAsync_Prefix_GivesItsBlobsInOrderWithoutOurOwnFiles()
    {
        foreach (var path in new[] { "a/2", "a/1", "a/b/3", "ab/4" }) await _store.TryCreateAsync(path, Bytes("x"), Token);
        await _store.TryReplaceAsync("a/1", Bytes("y"), (await _store.TryReadAsync("a/1", Token))!.ETag, Token);

        (await _store.ListAsync("a/", Token).ToListAsync(Token)).ShouldBe(["a/1", "a/2", "a/b/3"]);
        (await _store.ListAsync("none/", Token).ToListAsync(Token)).ShouldBeEmpty();
        await _store.DeleteAsync("a/1", Token);
        await _store.DeleteAsync("a/1", Token);
        await _store.DeleteAsync("never/was", Token);
        (await _store.ListAsync("a/", Token).ToListAsync(Token)).ShouldBe(["a/2", "a/b/3"]);
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
    [InlineData("a\0b")]
    [InlineData("a/")]
    public async Task AnyOperation_PathThatLeavesTheStore_IsRefused(string path)
    {
        await Should.ThrowAsync<ArgumentException>(() => _store.TryReadAsync(path, Token));
        await Should.ThrowAsync<ArgumentException>(() => _store.TryCreateAsync(path, Bytes("x"), Token));
        await Should.ThrowAsync<ArgumentException>(() => _store.AppendAsync(path, Bytes("x"), Token));
        Should.Throw<ArgumentException>(() => { _ = _store.DeleteAsync(path, Token); });
    }

    [Fact]
    public void RemoveLeftovers_TemporaryFilesOfTheDead_AreGone()
    {
        _folder.Write("a/.tmp-1", "half");
        _folder.Write("a/b", "whole");

        _store.RemoveLeftovers();

        Files().ShouldBe(["a/b"]);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private async Task<string> TextAsync(string path) => Encoding.UTF8.GetString((await _store.TryReadAsync(path, Token))!.Bytes.Span);

    private string[] Files() =>
        [.. Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder.Path, file)).Order(StringComparer.Ordinal)];
}
