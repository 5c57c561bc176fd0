using Dray.Contracts;
using Dray.Worker.Ledger;
using MassTransit;

namespace Dray.Worker.Consumers;

/// <summary>Notes that a batch is to go on, and sends out its chunks that aren't done.</summary>
internal sealed class ResumeBatchConsumer(KnownBatches batches, BatchLedger ledger, ChunkDispatcher dispatcher, WorkerStopping stopping)
    : IConsumer<ResumeBatch>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ResumeBatch> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        var batchId = context.Message.BatchId;
        if (await batches.FindAsync(batchId, linked.Token) is null) return;
        var state = await ledger.ResumeAsync(batchId, context.Message.MaxTokensTotal, linked.Token);
        if (state.Batch.Status == BatchStatus.InProgress && state.ChunkCount > 0) await dispatcher.DispatchAsync(context, state, linked.Token);
    }
}
