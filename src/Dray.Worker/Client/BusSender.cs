using Dray.Contracts;
using Dray.Worker.Transport;
using MassTransit;

namespace Dray.Worker.Client;

/// <summary>Sends over the bus of the worker that it runs in.</summary>
internal sealed class BusSender(IBus bus) : IMessageSender
{
    /// <inheritdoc/>
    public Task SendAsync<T>(T message, JobPriority priority, CancellationToken cancellationToken)
        where T : class => bus.Publish(message, context => context.TrySetRoutingKey(QueueNames.RoutingKey(priority)), cancellationToken);
}
