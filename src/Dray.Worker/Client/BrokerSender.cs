using Dray.Contracts;
using Dray.Worker.Transport;

namespace Dray.Worker.Client;

/// <summary>Sends over a connection of its own.</summary>
internal sealed class BrokerSender(BrokerClient broker) : IMessageSender, IAsyncDisposable
{
    /// <inheritdoc/>
    public Task SendAsync<T>(T message, JobPriority priority, CancellationToken cancellationToken)
        where T : class => broker.PublishAsync(message, priority, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => broker.DisposeAsync();
}
