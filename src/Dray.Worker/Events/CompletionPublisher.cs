using Dray.Contracts;
using Dray.Worker.Ledger;
using Dray.Worker.Telemetry;
using MassTransit;
using Polly.Registry;

namespace Dray.Worker.Events;

/// <summary>Publishes events about batches and jobs, each under a stable id, through <see cref="EventDelivery"/>.</summary>
internal sealed class CompletionPublisher(
    IPublishEndpoint endpoint, ResiliencePipelineProvider<string> pipelines, RemainingRows? remaining = null)
{
    /// <summary>Publishes how a batch ended: what its manifest says.</summary>
    public Task PublishAsync(CommittedManifest committed, CancellationToken cancellationToken)
    {
        var batch = committed.Manifest.Batch;
        remaining?.Forget(batch.Id);
        Guid Id(string kind) => EventIds.Derive(kind, batch.Id, committed.Blob.Sha256);
        return batch.Status switch
        {
            BatchStatus.Cancelled => DeliverAsync(
                new BatchCancelled { EventId = Id(nameof(BatchCancelled)), BatchId = batch.Id, Batch = batch, Manifest = committed.Blob },
                Id(nameof(BatchCancelled)),
                cancellationToken),
            BatchStatus.Expired => DeliverAsync(
                new BatchExpired { EventId = Id(nameof(BatchExpired)), BatchId = batch.Id, Batch = batch, Manifest = committed.Blob },
                Id(nameof(BatchExpired)),
                cancellationToken),
            _ => DeliverAsync(
                new BatchCompleted { EventId = Id(nameof(BatchCompleted)), BatchId = batch.Id, Batch = batch, Manifest = committed.Blob },
                Id(nameof(BatchCompleted)),
                cancellationToken),
        };
    }

    /// <summary>Publishes that a batch was refused.</summary>
    public Task PublishFailedAsync(Batch batch, CancellationToken cancellationToken)
    {
        var id = EventIds.Derive(nameof(BatchFailed), batch.Id, string.Join('\n', batch.Errors?.Data.Select(error => error.Message) ?? []));
        return DeliverAsync(new BatchFailed { EventId = id, BatchId = batch.Id, Batch = batch }, id, cancellationToken);
    }

    /// <summary>Publishes how far a batch is.</summary>
    public Task PublishAsync(BatchProgress progress, CancellationToken cancellationToken)
    {
        var counts = progress.RequestCounts;
        remaining?.Report(progress.BatchId, counts.Total, counts.Completed + counts.Failed);
        var id = EventIds.Derive(nameof(BatchProgress), progress.BatchId, $"{counts.Completed}/{counts.Failed}/{counts.Total}");
        return DeliverAsync(progress, id, cancellationToken);
    }

    /// <summary>Publishes that a job has its answer.</summary>
    public Task PublishAsync(JobCompleted completed, CancellationToken cancellationToken) =>
        DeliverAsync(completed, completed.EventId, cancellationToken);

    /// <summary>Publishes that a job failed.</summary>
    public Task PublishAsync(JobFailed failed, CancellationToken cancellationToken) =>
        DeliverAsync(failed, failed.EventId, cancellationToken);

    private async Task DeliverAsync<T>(T message, Guid id, CancellationToken cancellationToken)
        where T : class
    {
        var outcome = "failed";
        try
        {
            await pipelines.GetPipeline(EventDelivery.Pipeline).ExecuteAsync(
                async token => await endpoint.Publish(message, context => context.MessageId = id, token), cancellationToken);
            outcome = "published";
        }
        finally
        {
            DrayTelemetry.Events.Add(
                1, new(DrayTelemetry.Event, typeof(T).Name), new(DrayTelemetry.Target, "queue"), new(DrayTelemetry.Outcome, outcome));
        }
    }
}
