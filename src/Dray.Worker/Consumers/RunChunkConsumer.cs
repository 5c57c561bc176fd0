using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Execution;
using Dray.Worker.Ledger;
using MassTransit;

namespace Dray.Worker.Consumers;

/// <summary>
/// Runs a chunk and notes it; the one that was the last commits the batch. The delivery ends when all that is durable and told.
/// </summary>
internal sealed class RunChunkConsumer(
    ChunkRunner runner, BatchLedger ledger, BatchCommitter committer, CompletionPublisher publisher, WorkerStopping stopping)
    : IConsumer<RunChunk>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RunChunk> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        var token = linked.Token;
        var batchId = context.Message.BatchId;
        if (await committer.TryReadAsync(batchId, token) is { } committed)
        {
            await publisher.PublishAsync(committed, token);
            return;
        }

        var result = await runner.RunAsync(batchId, context.Message.Chunk, token);
        var state = await ledger.RecordAsync(batchId, result, token);
        if (state.Chunks.Count == state.ChunkCount)
        {
            await publisher.PublishAsync(await committer.CommitAsync(batchId, token), token);
            return;
        }

        await publisher.PublishAsync(
            new BatchProgress { BatchId = batchId, RequestCounts = state.Batch.RequestCounts, Usage = state.Batch.Usage }, token);
    }
}
