using Dray.Contracts;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Ledger;

public sealed class BatchLedgerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemBlobStore _files;

    public BatchLedgerTests() => _files = new FileSystemBlobStore(_folder.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task AnyChange_WriteThatDeniesItsEffect_HappensOnce()
    {
        var sure = await LifeAsync(_files, "sure");
        var store = new UnsureStore(_files, _ => true);

        var unsure = await LifeAsync(store, "unsure");

        store.Denials.ShouldBe(6);
        BlobJson.Write(unsure with { Batch = unsure.Batch with { Id = "sure", InputFileId = sure.Batch.InputFileId } }).ShouldBe(BlobJson.Write(sure));
    }

    private static async Task<BatchState> LifeAsync(IBlobStore store, string id)
    {
        var ledger = new BatchLedger(store, new FakeTimeProvider());
        await ledger.OpenAsync(new SubmitBatch { BatchId = id }, Token);
        var plan = new BatchPlan { Input = new BlobDigest { Path = "i", Bytes = 1, Sha256 = "0" }, Rows = 6, Chunks = [Piece(0), Piece(1)] };
        await ledger.StartAsync(id, plan, "model", Token);
        for (var index = 0; index < 2; index++) await ledger.RecordAsync(id, Chunk(index), Token);
        await ledger.RequestCancelAsync(id, Token);
        return await ledger.FinalizeAsync(id, Token);
    }

    private static BatchChunk Piece(int index) => new() { Index = index, Offset = index, Length = 1, FirstRow = index * 3, FirstLine = 1 + index * 3, Rows = 3 };

    private static ChunkResult Chunk(int index) =>
        new() { Index = index, Completed = 2, Failed = 1, Usage = new BatchUsage(), Sha256 = $"{index}" };
}
