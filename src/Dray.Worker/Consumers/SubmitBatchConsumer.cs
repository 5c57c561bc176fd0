using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Execution;
using Dray.Worker.Input;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Consumers;

/// <summary>Begins a batch, or goes on with it: cuts the input and sends out the chunks that aren't done.</summary>
internal sealed class SubmitBatchConsumer(
    BatchLedger ledger, BlobIndex index, BatchPlanner planner, BatchCommitter committer, CompletionPublisher publisher, ChunkDispatcher dispatcher,
    ServedModels models, WorkerStopping stopping, ILogger<SubmitBatchConsumer> logger) : IConsumer<SubmitBatch>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<SubmitBatch> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        var token = linked.Token;
        var submit = context.Message;
        if (!BatchPaths.IsId(submit.BatchId))
        {
            await RefuseIdAsync(submit, token);
            return;
        }

        if (await committer.TrySettleAsync(submit.BatchId, token) is { } committed)
        {
            await publisher.PublishAsync(committed, token);
            return;
        }

        var state = await ledger.OpenAsync(submit, token);
        await index.AddAsync(submit.BatchId, state.Batch.CreatedAt, token);
        try
        {
            var plan = await planner.PlanAsync(submit.BatchId, state.Batch.InputFileId, token);
            state = await ledger.StartAsync(submit.BatchId, plan, models.DefaultName, token);
            if (state.Batch.Status == BatchStatus.Incomplete) await publisher.PublishIncompleteAsync(state, token);
            else if (state.Batch.Status != BatchStatus.Paused) await dispatcher.DispatchAsync(context, state, token);
        }
        catch (BatchRefusedException e)
        {
            logger.LogWarning("Batch {BatchId} is refused: {Reason}", submit.BatchId, e.Message);
            var error = new BatchError { Code = ErrorCodes.InvalidRequest, Message = e.Message, Line = e.Line };
            state = await ledger.FailAsync(submit.BatchId, error, token);
            await publisher.PublishFailedAsync(state.Batch, token);
        }
    }

    private Task RefuseIdAsync(SubmitBatch submit, CancellationToken token)
    {
        var error = new BatchError
        {
            Code = ErrorCodes.InvalidRequest,
            Message = $"The batch_id can't name a batch; use 1 to {BatchPaths.MaxIdLength} of A-Z a-z 0-9 _ -.",
            Param = "batch_id",
        };
        var batch = new Batch
        {
            Id = submit.BatchId,
            InputFileId = submit.InputPath ?? "",
            CreatedAt = 0,
            Status = BatchStatus.Failed,
            Errors = new BatchErrors { Data = [error] },
        };
        return publisher.PublishFailedAsync(batch, token);
    }
}
