using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Dray.Contracts;
using Dray.Worker.Transport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dray.Worker.Tests.Support;

/// <summary>Gets every event that comes over a broker, as a consumer that knows nothing of MassTransit would.</summary>
internal sealed class EventTap : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly Type[] Events =
    [
        typeof(JobCompleted), typeof(JobFailed), typeof(BatchProgress), typeof(BatchCompleted), typeof(BatchFailed), typeof(BatchCancelled),
        typeof(BatchExpired), typeof(BatchIncomplete),
    ];

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Channel<(object Message, Guid Id)> _next = Channel.CreateUnbounded<(object, Guid)>();

    private EventTap(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <summary>Gets all events so far.</summary>
    public ConcurrentQueue<(object Message, Guid Id)> All { get; } = [];

    public static async Task<EventTap> StartAsync(BrokerOptions broker, CancellationToken cancellationToken)
    {
        await (await BrokerClient.ConnectAsync(broker, cancellationToken)).DisposeAsync();
        var connection = await broker.CreateFactory("tap").CreateConnectionAsync(cancellationToken);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var tap = new EventTap(connection, channel);
        foreach (var type in Events)
        {
            var queue = (await channel.QueueDeclareAsync(cancellationToken: cancellationToken)).QueueName;
            await channel.QueueBindAsync(queue, BrokerTopology.ExchangeOf(type), "", cancellationToken: cancellationToken);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                var message = JsonSerializer.Deserialize(delivery.Body.Span, type, ContractsJson.Options)!;
                var received = (message, Guid.Parse(delivery.BasicProperties.MessageId!));
                tap.All.Enqueue(received);
                tap._next.Writer.TryWrite(received).ShouldBeTrue();
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue, autoAck: true, consumer, cancellationToken);
        }

        return tap;
    }

    /// <summary>Waits for the next event of a type; others are passed over.</summary>
    public async Task<(T Message, Guid Id)> NextAsync<T>(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (message, id) = await _next.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
            if (message is T wanted) return (wanted, id);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
