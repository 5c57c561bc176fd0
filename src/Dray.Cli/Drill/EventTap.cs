using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Transport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dray.Cli.Drill;

/// <summary>
/// A subscriber to every event of a deployment, which keeps what it gets. Its queue outlives restarts of the broker, as one of an
/// application would, and is gone an hour after nobody takes from it.
/// </summary>
internal sealed class EventTap : IAsyncDisposable
{
    private const int QueueLifeMilliseconds = 3_600_000;
    private static readonly TimeSpan RecoveryInterval = TimeSpan.FromMilliseconds(500);

    private static readonly Type[] Events =
    [
        typeof(BatchProgress), typeof(BatchCompleted), typeof(BatchFailed), typeof(BatchCancelled), typeof(BatchExpired),
        typeof(BatchIncomplete), typeof(JobCompleted), typeof(JobFailed),
    ];

    private readonly Lock _gate = new();
    private readonly List<TappedEvent> _events = [];
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _queue;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EventTap(IConnection connection, IChannel channel, string queue) => (_connection, _channel, _queue) = (connection, channel, queue);

    /// <summary>Gets what has come so far, in order of arrival; what the broker delivered twice is there twice.</summary>
    public IReadOnlyList<TappedEvent> Received
    {
        get
        {
            lock (_gate) return [.. _events];
        }
    }

    /// <summary>Subscribes.</summary>
    /// <exception cref="BrokerException">The broker is out of reach.</exception>
    public static async Task<EventTap> OpenAsync(BrokerOptions broker, CancellationToken cancellationToken)
    {
        // Declares the exchanges.
        await (await BrokerClient.ConnectAsync(broker, cancellationToken)).DisposeAsync();
        var factory = broker.CreateFactory("dray-drill");
        (factory.AutomaticRecoveryEnabled, factory.NetworkRecoveryInterval) = (true, RecoveryInterval);
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var queue = $"dray-drill-{Guid.NewGuid():N}";
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-expires"] = QueueLifeMilliseconds };
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        foreach (var type in Events)
            await channel.QueueBindAsync(queue, BrokerTopology.ExchangeOf(type), "", cancellationToken: cancellationToken);
        var tap = new EventTap(connection, channel, queue);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += tap.KeepAsync;
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        return tap;
    }

    /// <summary>Waits until what has come satisfies <paramref name="condition"/>.</summary>
    public async Task WaitAsync(Func<IReadOnlyList<TappedEvent>, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource changed;
            lock (_gate) changed = _changed;
            if (condition(Received)) return;
            await changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _channel.QueueDeleteAsync(_queue);
        }
        catch (Exception e) when (e is RabbitMQ.Client.Exceptions.RabbitMQClientException or IOException or ObjectDisposedException)
        {
            // The broker is away; it deletes the queue by itself later.
        }

        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task KeepAsync(object sender, BasicDeliverEventArgs delivery)
    {
        var kind = delivery.Exchange[(delivery.Exchange.LastIndexOf(':') + 1)..];
        var tapped = new TappedEvent(kind, delivery.BasicProperties.MessageId, JsonElement.Parse(delivery.Body.Span));
        TaskCompletionSource changed;
        lock (_gate)
        {
            _events.Add(tapped);
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
        try
        {
            await _channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, delivery.CancellationToken);
        }
        catch (Exception e) when (e is RabbitMQ.Client.Exceptions.RabbitMQClientException or IOException or OperationCanceledException)
        {
            // The connection broke: the message comes again.
        }
    }
}
