using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Ledger;
using MassTransit;

namespace Dray.Worker.Consumers;

/// <summary>
/// Notes that a batch is to rest, and lets nothing more of it begin here; other workers notice within seconds. Chunks still queued give
/// nothing.
/// </summary>
internal sealed class PauseBatchConsumer(KnownBatches batches, BatchLedger ledger, BatchStops stops, WorkerStopping stopping)
    : IConsumer<PauseBatch>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<PauseBatch> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        var batchId = context.Message.BatchId;
        if (await batches.FindAsync(batchId, linked.Token) is null) return;
        var state = await ledger.PauseAsync(batchId, linked.Token);
        if (state.Batch.Status == BatchStatus.Paused) stops.Raise(batchId, StopReason.Paused);
    }
}
