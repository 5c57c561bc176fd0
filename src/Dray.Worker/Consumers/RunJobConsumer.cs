using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Transport;
using MassTransit;

namespace Dray.Worker.Consumers;

/// <summary>
/// Answers one request that came inline. One that hasn't begun after a good while, because more urgent ones keep coming, is handed on, so
/// that the broker never waits for it longer than it is willing to.
/// </summary>
internal sealed class RunJobConsumer(
    JobRunner runner, Events.CompletionPublisher publisher, WorkerStopping stopping, WorkerSettings settings, TimeProvider time)
    : IConsumer<RunJob>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RunJob> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        stopping.Token.ThrowIfCancellationRequested();
        var job = context.Message;
        using var deadline = new CancellationTokenSource(settings.ChunkTime, time);
        using var handBack = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping.Token);
        JobOutcome outcome;
        try
        {
            outcome = await runner.RunAsync(job, DeliveryCount.Of(context.ReceiveContext), handBack.Token, linked.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !stopping.Token.IsCancellationRequested)
        {
            linked.Token.ThrowIfCancellationRequested();
            await context.Publish(job, publish => publish.TrySetRoutingKey(QueueNames.RoutingKey(job.Priority)), linked.Token);
            return;
        }

        if (outcome.Completed is { } completed) await publisher.PublishAsync(completed, linked.Token);
        if (outcome.Failed is { } failed) await publisher.PublishAsync(failed, linked.Token);
    }
}
