using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Storage;

public sealed class FullDiskTests : IDisposable
{
    private readonly TinyDisk _disk = new();
    private readonly FileSystemBlobStore _store;

    public FullDiskTests() => _store = new FileSystemBlobStore(_disk.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task AnyWrite_DiskFull_LeavesTheStoreAsItWas()
    {
        await _store.TryCreateAsync("a", Bytes(1000), Token);
        await _store.AppendAsync("p", Bytes(1000), Token);
        var etag = (await _store.TryReadAsync("a", Token))!.ETag;

        await Should.ThrowAsync<IOException>(() => _store.TryCreateAsync("b", Bytes(2_000_000), Token));
        await Should.ThrowAsync<IOException>(() => _store.TryReplaceAsync("a", Bytes(2_000_000), etag, Token));
        await Should.ThrowAsync<IOException>(() => _store.PutAsync("a", (stream, token) => stream.WriteAsync(Bytes(2_000_000), token).AsTask(), Token));
        await Should.ThrowAsync<IOException>(() => _store.PutAsync("c/d", PieceByPieceAsync, Token));
        await Should.ThrowAsync<IOException>(() => _store.AppendAsync("p", Bytes(2_000_000), Token));

        Directory.EnumerateFiles(_disk.Path, "*", SearchOption.AllDirectories).Select(file => (Path.GetRelativePath(_disk.Path, file), new FileInfo(file).Length))
            .Where(file => file.Item1 != ".lock").Order().ShouldBe([("a", 1000L), ("p", 1000L)]);
        (await _store.TryReplaceAsync("a", Bytes(900_000), etag, Token)).ShouldBeTrue();
        (await _store.TryReadAsync("a", Token))!.Bytes.Length.ShouldBe(900_000);

        static async Task PieceByPieceAsync(Stream stream, CancellationToken token)
        {
            for (var i = 0; i < 2_000; i++) await stream.WriteAsync(Bytes(1_000), token);
        }
    }

    private static byte[] Bytes(int count) => new byte[count];
}
