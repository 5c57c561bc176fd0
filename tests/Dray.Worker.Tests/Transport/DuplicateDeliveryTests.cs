using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Transport;

/// <summary>Messages that come several times, in any order, to two workers.</summary>
public sealed class DuplicateDeliveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AllMessages_SeveralTimesInAnyOrder_GiveOneBatch(int seed)
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        var held = new HeldRows();
        await bench.StartWorkerAsync(Token, options => options.ConcurrentChunks = 3, held.Engine());
        await bench.StartWorkerAsync(Token, options => options.ConcurrentChunks = 3, held.Engine());
        await bench.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(20), Token);
        await Until.TrueAsync(() => bench.Store.ExistsAsync(BatchPaths.Plan("b1"), Token), Token);
        var plan = (await bench.Store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan("b1"), Token))!;

        var messages = plan.Chunks.Select<BatchChunk, Func<Task>>(chunk => () => bench.Client.PublishAsync(new RunChunk { BatchId = "b1", Chunk = chunk }, cancellationToken: Token))
            .Append(() => bench.Client.PublishAsync(new SubmitBatch { BatchId = "b1" }, cancellationToken: Token))
            .Append(() => bench.Client.PublishAsync(new PauseBatch { BatchId = "b1" }, cancellationToken: Token))
            .Append(() => bench.Client.PublishAsync(new ResumeBatch { BatchId = "b1" }, cancellationToken: Token)).ToArray();
        var random = new Random(seed);
        var all = messages.Concat(messages).ToArray();
        random.Shuffle(all);
        foreach (var publish in all) await publish();
        await bench.WaitForQueueAsync("dray-pause-batch", 0, Token);
        held.ReleaseAll();
        await bench.Client.PublishAsync(new ResumeBatch { BatchId = "b1" }, cancellationToken: Token);
        await Until.TrueAsync(
            async () =>
            {
                // A pause may come last of all: then it is as asked.
                if ((await bench.StateAsync("b1", Token))!.Batch.Status == BatchStatus.Paused)
                    await bench.Client.PublishAsync(new ResumeBatch { BatchId = "b1" }, cancellationToken: Token);
                return await bench.Store.ExistsAsync(BatchPaths.Manifest("b1"), Token);
            },
            Token);
        await bench.Events.NextAsync<BatchCompleted>(Token);
        await bench.WaitForQueueAsync("dray-run-chunk-normal", 0, Token);

        await bench.ShouldBeWholeAsync("b1", 20, Token);
        (await bench.Client.ListAsync(Token)).Where(depth => depth.IsFailure).Sum(depth => depth.Messages ?? 0).ShouldBe(0);
    }
}
