using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Ledger;
using MassTransit;

namespace Dray.Worker.Consumers;

/// <summary>
/// Notes that a batch is to be cancelled, and stops what runs of it here; other workers notice within seconds. Chunks still queued give
/// error rows without running.
/// </summary>
internal sealed class CancelBatchConsumer(KnownBatches batches, BatchLedger ledger, BatchStops stops, ChunkDispatcher dispatcher, WorkerStopping stopping)
    : IConsumer<CancelBatch>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CancelBatch> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        var batchId = context.Message.BatchId;
        if (await batches.FindAsync(batchId, linked.Token) is not { } before) return;
        var state = await ledger.RequestCancelAsync(batchId, linked.Token);
        if (state.Batch.CancellingAt is null) return;
        stops.Raise(batchId, StopReason.Cancelled);

        // Nothing of a batch that rested is in the queue: its chunks have to come by once more for their error rows.
        if (before.Batch.Status is BatchStatus.Paused or BatchStatus.Incomplete && state.ChunkCount > 0)
            await dispatcher.DispatchAsync(context, state, linked.Token);
    }
}
