using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Execution;
using Dray.Worker.Ledger;
using MassTransit;

namespace Dray.Worker.Consumers;

/// <summary>
/// Runs a chunk and notes it; the one that was the last commits the batch. The delivery ends when all that is durable and told. A chunk
/// that isn't done after a good while is handed on, so that the broker never waits for one longer than it is willing to.
/// </summary>
internal sealed class RunChunkConsumer(
    ChunkRunner runner, BatchLedger ledger, BatchCommitter committer, CompletionPublisher publisher, WorkerStopping stopping,
    WorkerSettings settings, TimeProvider time) : IConsumer<RunChunk>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RunChunk> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        var token = linked.Token;
        stopping.Token.ThrowIfCancellationRequested();
        var batchId = context.Message.BatchId;
        if (await committer.TrySettleAsync(batchId, token) is { } committed)
        {
            await publisher.PublishAsync(committed, token);
            return;
        }

        using var deadline = new CancellationTokenSource(settings.ChunkTime, time);
        using var handBack = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping.Token);
        var outcome = await runner.RunAsync(batchId, context.Message.Chunk, handBack.Token, token);
        if (outcome.Result is { } result) await RecordAsync(batchId, result, token);
        else if (outcome.Suspended != StopReason.Paused) await HandBackAsync(context, outcome, token);
    }

    private async Task RecordAsync(string batchId, ChunkResult result, CancellationToken token)
    {
        var state = await ledger.RecordAsync(batchId, result, token);
        if (state.Chunks.Count == state.ChunkCount)
        {
            await publisher.PublishAsync(await committer.CommitAsync(batchId, token), token);
            return;
        }

        await publisher.PublishAsync(
            new BatchProgress { BatchId = batchId, RequestCounts = state.Batch.RequestCounts, Usage = state.Batch.Usage }, token);
    }

    private async Task HandBackAsync(ConsumeContext<RunChunk> context, ChunkOutcome outcome, CancellationToken token)
    {
        var batchId = context.Message.BatchId;
        if (outcome.Suspended == StopReason.OutOfTokens)
        {
            var state = await ledger.ExhaustAsync(batchId, token);
            if (state.Batch.Status == BatchStatus.Incomplete)
            {
                await publisher.PublishIncompleteAsync(state, token);
                return;
            }
        }

        // A worker that stops leaves the delivery itself to the next; one that goes on makes a new one, which may wait its turn.
        stopping.Token.ThrowIfCancellationRequested();
        var priority = (await ledger.ReadAsync(batchId, token))?.Priority ?? JobPriority.Normal;
        await ChunkDispatcher.PublishAsync(context, context.Message, priority, token);
    }
}
