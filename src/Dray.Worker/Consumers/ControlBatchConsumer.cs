using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Consumers;

/// <summary>
/// Notes that a batch is to be cancelled, paused or resumed, and stops what runs of it here; other workers notice within seconds.
/// Chunks still queued give error rows, or nothing, without running.
/// </summary>
internal sealed class ControlBatchConsumer(
    BatchLedger ledger, BatchStops stops, ChunkDispatcher dispatcher, WorkerStopping stopping, ILogger<ControlBatchConsumer> logger)
    : IConsumer<CancelBatch>, IConsumer<PauseBatch>, IConsumer<ResumeBatch>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CancelBatch> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        var batchId = context.Message.BatchId;
        if (await FindAsync(batchId, linked.Token) is not { } before) return;
        var state = await ledger.RequestCancelAsync(batchId, linked.Token);
        if (state.Batch.CancellingAt is null) return;
        stops.Raise(batchId, StopReason.Cancelled);

        // Nothing of a batch that rested is in the queue: its chunks have to come by once more for their error rows.
        if (before.Batch.Status is BatchStatus.Paused or BatchStatus.Incomplete && state.ChunkCount > 0)
            await dispatcher.DispatchAsync(context, state, linked.Token);
    }

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<PauseBatch> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        var batchId = context.Message.BatchId;
        if (await FindAsync(batchId, linked.Token) is null) return;
        var state = await ledger.PauseAsync(batchId, linked.Token);
        if (state.Batch.Status == BatchStatus.Paused) stops.Raise(batchId, StopReason.Paused);
    }

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ResumeBatch> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        var batchId = context.Message.BatchId;
        if (await FindAsync(batchId, linked.Token) is null) return;
        var state = await ledger.ResumeAsync(batchId, context.Message.MaxTokensTotal, linked.Token);
        if (state.Batch.Status == BatchStatus.InProgress && state.ChunkCount > 0) await dispatcher.DispatchAsync(context, state, linked.Token);
    }

    private async Task<BatchState?> FindAsync(string batchId, CancellationToken cancellationToken)
    {
        var state = BatchPaths.IsId(batchId) ? await ledger.ReadAsync(batchId, cancellationToken) : null;
        if (state is null) logger.LogWarning("There is no batch under the id of a request to cancel, pause or resume one.");
        return state;
    }
}
