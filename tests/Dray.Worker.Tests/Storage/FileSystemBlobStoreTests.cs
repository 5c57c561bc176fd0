using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Storage;

public sealed class FileSystemBlobStoreTests : BlobStoreConformance
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemBlobStore _store;

    public FileSystemBlobStoreTests() => _store = new FileSystemBlobStore(_folder.Path);

    private protected override IBlobStore Store => _store;

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        _store.Dispose();
        _folder.Dispose();
        return base.DisposeAsync();
    }

    [Fact]
    public async Task TryCreateAsync_WhateverHappens_LeavesNoFilesOfOurOwn()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => _store.TryCreateAsync("a/b", Bytes($"{i}"), Token))));
        await Should.ThrowAsync<InvalidOperationException>(_store.PutAsync("a/c", (_, _) => throw new InvalidOperationException(), Token));

        Files().ShouldBe(["a/b"]);
    }

    [Fact]
    public void RemoveLeftovers_TemporaryFilesOfTheDead_AreGone()
    {
        _folder.Write("a/.tmp-1", "half");
        _folder.Write("a/b", "whole");

        _store.RemoveLeftovers();

        Files().ShouldBe(["a/b"]);
    }

    [Fact]
    public async Task OpenReadAsync_BlobThatIsBeingAppendedTo_WaitsForTheAppend()
    {
        var file = _folder.Write("a/b", "one\n");
        Task<Stream> stream;
        Task<BlobContent?> content;
        await using (ExclusiveFile.Open(file, FileMode.Append))
        {
            stream = _store.OpenReadAsync("a/b", cancellationToken: Token);
            content = _store.TryReadAsync("a/b", Token);
            (stream.IsCompleted, content.IsCompleted).ShouldBe((false, false));
        }

        await using var opened = await stream;
        new StreamReader(opened).ReadToEnd().ShouldBe("one\n");
        (await content).ShouldNotBeNull();
    }

    private string[] Files() =>
        [.. Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder.Path, file)).Order(StringComparer.Ordinal)];
}
