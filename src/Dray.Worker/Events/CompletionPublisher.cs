using System.Globalization;
using Dray.Contracts;
using Dray.Worker.Ledger;
using Dray.Worker.Telemetry;
using MassTransit;
using Polly.Registry;

namespace Dray.Worker.Events;

/// <summary>
/// Publishes events about batches and jobs, each under a stable id, through <see cref="EventDelivery"/>: to the queue, and beside it to the
/// webhook where there is one. A call that returns has delivered to both; one that throws leaves the message that caused it unacknowledged.
/// </summary>
internal sealed class CompletionPublisher(
    IPublishEndpoint endpoint, ResiliencePipelineProvider<string> pipelines, TimeProvider time, WebhookSender? webhook = null,
    RemainingRows? remaining = null)
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
                batch.CancelledAt,
                cancellationToken),
            BatchStatus.Expired => DeliverAsync(
                new BatchExpired { EventId = Id(nameof(BatchExpired)), BatchId = batch.Id, Batch = batch, Manifest = committed.Blob },
                Id(nameof(BatchExpired)),
                batch.ExpiredAt,
                cancellationToken),
            _ => DeliverAsync(
                new BatchCompleted { EventId = Id(nameof(BatchCompleted)), BatchId = batch.Id, Batch = batch, Manifest = committed.Blob },
                Id(nameof(BatchCompleted)),
                batch.CompletedAt,
                cancellationToken),
        };
    }

    /// <summary>Publishes that a batch was refused.</summary>
    public Task PublishFailedAsync(Batch batch, CancellationToken cancellationToken)
    {
        remaining?.Forget(batch.Id);
        var id = EventIds.Derive(nameof(BatchFailed), batch.Id, string.Join('\n', batch.Errors?.Data.Select(error => error.Message) ?? []));
        return DeliverAsync(new BatchFailed { EventId = id, BatchId = batch.Id, Batch = batch }, id, batch.FailedAt, cancellationToken);
    }

    /// <summary>Publishes that a batch has used the tokens it was given. Stopping again after it was given more is an event of its own.</summary>
    public Task PublishIncompleteAsync(BatchState state, CancellationToken cancellationToken)
    {
        var batch = RunningRows.Included(state);
        remaining?.Forget(batch.Id);
        var id = EventIds.Derive(nameof(BatchIncomplete), batch.Id, string.Create(CultureInfo.InvariantCulture, $"{state.MaxTokensTotal}"));
        return DeliverAsync(new BatchIncomplete { EventId = id, BatchId = batch.Id, Batch = batch }, id, occurredAt: null, cancellationToken);
    }

    /// <summary>Publishes how far a batch is.</summary>
    public Task PublishAsync(BatchProgress progress, CancellationToken cancellationToken)
    {
        var counts = progress.RequestCounts;
        remaining?.Report(progress.BatchId, counts.Total, counts.Completed + counts.Failed);
        var id = EventIds.Derive(nameof(BatchProgress), progress.BatchId, StandOf(counts));
        return DeliverAsync(progress, id, occurredAt: null, cancellationToken);
    }

    /// <summary>Publishes that a job has its answer.</summary>
    public Task PublishAsync(JobCompleted completed, CancellationToken cancellationToken) =>
        DeliverAsync(completed, completed.EventId, occurredAt: null, cancellationToken);

    /// <summary>Publishes that a job failed.</summary>
    public Task PublishAsync(JobFailed failed, CancellationToken cancellationToken) =>
        DeliverAsync(failed, failed.EventId, occurredAt: null, cancellationToken);

    private static string StandOf(BatchRequestCounts counts) => $"{counts.Completed}/{counts.Failed}/{counts.Total}";

    private async Task DeliverAsync<T>(T message, Guid id, long? occurredAt, CancellationToken cancellationToken)
        where T : class
    {
        var queue = CountAsync<T>("queue", PublishAsync(message, id, cancellationToken));
        if (webhook is null || (message is BatchProgress && !webhook.IncludesProgress))
        {
            await queue;
            return;
        }

        var at = occurredAt is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : time.GetUtcNow();
        await Task.WhenAll(queue, CountAsync<T>("webhook", webhook.PostAsync(WebhookMessage.Of(message, id, at), cancellationToken)));
    }

    private async Task<bool> PublishAsync<T>(T message, Guid id, CancellationToken cancellationToken)
        where T : class
    {
        await pipelines.GetPipeline(EventDelivery.Pipeline).ExecuteAsync(
            async token => await endpoint.Publish(message, context => context.MessageId = id, token), cancellationToken);
        return true;
    }

    private static async Task CountAsync<T>(string target, Task<bool> delivery)
    {
        var outcome = "failed";
        try
        {
            outcome = await delivery ? "published" : "refused";
        }
        finally
        {
            DrayTelemetry.Events.Add(
                1, new(DrayTelemetry.Event, typeof(T).Name), new(DrayTelemetry.Target, target), new(DrayTelemetry.Outcome, outcome));
        }
    }
}
