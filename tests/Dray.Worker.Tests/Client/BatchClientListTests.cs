using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Client;

public sealed class BatchClientListTests : IAsyncDisposable
{
    private readonly ClientFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task ListAsync_PageAfterPage_GivesEachBatchOnceNewestFirst()
    {
        var ids = new List<string>();
        for (var i = 0; i < 45; i++)
        {
            // Hours apart, so that several days are passed, and some in the same second.
            if (i % 5 != 0) _fixture.Time.Advance(TimeSpan.FromHours(3));
            ids.Add((await _fixture.SubmitAsync(JobLines.Line($"{i}", "x"))).BatchId);
        }

        var found = new List<BatchSnapshot>();
        BatchPage page;
        do
        {
            page = await _fixture.Client.ListAsync(after: found.Count == 0 ? null : found[^1].Batch.Id, limit: 10, cancellationToken: Cancellation);
            page.Batches.Count.ShouldBe(page.HasMore ? 10 : 5);
            found.AddRange(page.Batches);
        }
        while (page.HasMore);

        found.Select(batch => batch.Batch.Id).ShouldBe(ids, ignoreOrder: true);
        found.Select(batch => batch.Batch.CreatedAt).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public async Task ListAsync_ExactlyAPage_HasNoMore()
    {
        for (var i = 0; i < 3; i++) await _fixture.SubmitAsync(JobLines.Line($"{i}", "x"));

        var page = await _fixture.Client.ListAsync(limit: 3, cancellationToken: Cancellation);

        (page.Batches.Count, page.HasMore).ShouldBe((3, false));
    }

    [Fact]
    public async Task ListAsync_OfATenant_GivesItsOwnOnlyAndKnowsNoOthers()
    {
        foreach (var id in new[] { "acme_b1", "acme-2_b1", "acme_b2", "zeta_b1", "nobody" }) await WriteAsync(id, createdAt: 1000);

        var page = await _fixture.Client.ListAsync("acme", limit: 1, cancellationToken: Cancellation);
        var next = await _fixture.Client.ListAsync("acme", page.Batches.Single().Batch.Id, cancellationToken: Cancellation);
        var foreign = await Should.ThrowAsync<BatchClientException>(_fixture.Client.ListAsync("acme", "zeta_b1", cancellationToken: Cancellation));
        var unknown = await Should.ThrowAsync<BatchClientException>(_fixture.Client.ListAsync("acme", "acme_b9", cancellationToken: Cancellation));

        page.Batches.Concat(next.Batches).Select(batch => batch.Batch.Id).ShouldBe(["acme_b1", "acme_b2"]);
        (page.HasMore, next.HasMore).ShouldBe((true, false));
        (foreign.Problem, unknown.Problem).ShouldBe((BatchClientProblem.UnknownBatch, BatchClientProblem.UnknownBatch));
        foreign.Message.Replace("zeta_b1", "acme_b9", StringComparison.Ordinal).ShouldBe(unknown.Message);
    }

    [Fact]
    public async Task ListAsync_StoreFromBeforeThereWereLists_EntersWhatItHasOnce()
    {
        await WriteAsync("old", createdAt: 1000);
        await WriteAsync("older", createdAt: 999);
        await _fixture.Store.TryCreateAsync(BatchPaths.Input("uploaded"), ReadOnlyMemory<byte>.Empty, Cancellation);

        var page = await _fixture.Client.ListAsync(cancellationToken: Cancellation);
        await WriteAsync("unlisted", createdAt: 998);
        await using var other = _fixture.Open();
        var again = await other.ListAsync(cancellationToken: Cancellation);

        page.Batches.Select(batch => batch.Batch.Id).ShouldBe(["old", "older"]);
        again.Batches.Select(batch => batch.Batch.Id).ShouldBe(["old", "older"], "batches are looked through only once");
    }

    [Fact]
    public async Task ListAsync_BatchWhoseBlobsAreGone_IsLeftOut()
    {
        var gone = (await _fixture.SubmitAsync(JobLines.Line("1", "x"))).BatchId;
        var kept = (await _fixture.SubmitAsync(JobLines.Line("2", "x"))).BatchId;
        await _fixture.Store.DeleteAsync(BatchPaths.Submission(gone), Cancellation);

        var page = await _fixture.Client.ListAsync(limit: 1, cancellationToken: Cancellation);

        page.Batches.Select(batch => batch.Batch.Id).ShouldBe([kept]);
        page.HasMore.ShouldBeFalse();
    }

    [Fact]
    public async Task ListAsync_BatchThatAProducerUploadedItself_IsListedOnceWorkersHaveSeenIt()
    {
        await using var worker = await WorkerFixture.StartAsync(Cancellation);
        await using var client = new BatchClient(new FileSystemBlobStore(worker.Folder["store"]), _ => throw new NotSupportedException(), TimeProvider.System);
        await worker.SubmitAsync(new SubmitBatch { BatchId = "own" }, JobLines.Lines(1), Cancellation);
        await worker.Events.NextAsync<BatchCompleted>(Cancellation);
        await worker.Bus.Publish(new SubmitBatch { BatchId = "own" }, Cancellation);
        await worker.Events.NextAsync<BatchCompleted>(Cancellation);

        var page = await client.ListAsync(cancellationToken: Cancellation);

        page.Batches.ShouldHaveSingleItem().Batch.Status.ShouldBe(BatchStatus.Completed);
    }

    private Task WriteAsync(string id, long createdAt) => _fixture.WriteStateAsync(new BatchState
    {
        Batch = new Batch { Id = id, InputFileId = BatchPaths.Input(id), Status = BatchStatus.Completed, CreatedAt = createdAt },
    });
}
