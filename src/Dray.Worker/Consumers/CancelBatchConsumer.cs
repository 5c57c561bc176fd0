using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Consumers;

/// <summary>Notes that a batch is to stop, and stops what runs of it here. Chunks still queued give error rows without running.</summary>
internal sealed class CancelBatchConsumer(
    BatchLedger ledger, BatchStops stops, ILogger<CancelBatchConsumer> logger) : IConsumer<CancelBatch>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CancelBatch> context)
    {
        var batchId = context.Message.BatchId;
        if (!BatchPaths.IsId(batchId) || await ledger.ReadAsync(batchId, context.CancellationToken) is null)
        {
            logger.LogWarning("There is no batch to cancel under the id of a cancel request.");
            return;
        }

        var state = await ledger.RequestCancelAsync(batchId, context.CancellationToken);
        if (state.Batch.CancellingAt is not null) stops.Cancel(batchId);
    }
}
