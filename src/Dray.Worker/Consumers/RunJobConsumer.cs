using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Transport;
using MassTransit;

namespace Dray.Worker.Consumers;

/// <summary>Answers one request that came inline.</summary>
internal sealed class RunJobConsumer(JobRunner runner, Events.CompletionPublisher publisher, WorkerStopping stopping) : IConsumer<RunJob>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RunJob> context)
    {
        using var linked = stopping.Link(context.CancellationToken);
        stopping.Token.ThrowIfCancellationRequested();
        var outcome = await runner.RunAsync(context.Message, DeliveryCount.Of(context.ReceiveContext), stopping.Token, linked.Token);
        if (outcome.Completed is { } completed) await publisher.PublishAsync(completed, linked.Token);
        if (outcome.Failed is { } failed) await publisher.PublishAsync(failed, linked.Token);
    }
}
