using System.Text.Json;
using Dray.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dray.Worker.Transport;

/// <summary>
/// A connection to the broker for those who send messages and look after queues. Messages are plain JSON, persistent, and known to
/// have arrived in a queue when <see cref="PublishAsync"/> returns.
/// </summary>
public sealed class BrokerClient : IAsyncDisposable
{
    private static readonly CreateChannelOptions Confirming = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
    private readonly BrokerOptions _options;
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private BrokerClient(BrokerOptions options, IConnection connection, IChannel channel) =>
        (_options, _connection, _channel) = (options, connection, channel);

    /// <summary>Connects, and declares exchanges and queues where there are none; those of a worker stay as it declared them.</summary>
    /// <exception cref="BrokerException">The broker is out of reach.</exception>
    public static Task<BrokerClient> ConnectAsync(BrokerOptions options, CancellationToken cancellationToken = default) =>
        ConnectAsync(options, isWorker: false, cancellationToken);

    /// <summary>Declares exchanges and queues as <paramref name="options"/> says.</summary>
    /// <exception cref="BrokerException">The broker is out of reach, or has queues of the same names with other arguments.</exception>
    internal static async Task DeclareAsync(BrokerOptions options, CancellationToken cancellationToken) =>
        await (await ConnectAsync(options, isWorker: true, cancellationToken)).DisposeAsync();

    private static async Task<BrokerClient> ConnectAsync(BrokerOptions options, bool isWorker, CancellationToken cancellationToken)
    {
        IConnection? connection = null;
        try
        {
            connection = await options.CreateFactory("dray").CreateConnectionAsync(cancellationToken);
            var channel = await connection.CreateChannelAsync(Confirming, cancellationToken);
            if (isWorker || !await BrokerTopology.IsDeclaredAsync(connection, cancellationToken))
                await BrokerTopology.DeclareAsync(channel, options.ConsumerTimeout, cancellationToken);
            return new BrokerClient(options, connection, channel);
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or TimeoutException)
        {
            if (connection is not null) await connection.DisposeAsync();
            throw Explain(options, e);
        }
    }

    /// <summary>Publishes a message of <see cref="Contracts"/>; jobs and chunks go to the queue of <paramref name="priority"/>.</summary>
    /// <exception cref="BrokerException">It didn't arrive.</exception>
    public async Task PublishAsync<T>(T message, JobPriority priority = JobPriority.Normal, CancellationToken cancellationToken = default)
        where T : class
    {
        var properties = new BasicProperties
        {
            MessageId = Guid.NewGuid().ToString(),
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
        };
        var key = BrokerTopology.IsRouted(typeof(T)) ? QueueNames.RoutingKey(priority) : "";
        var body = JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Options);
        await SendAsync(BrokerTopology.ExchangeOf(typeof(T)), key, properties, body, cancellationToken);
    }

    /// <summary>How full every queue is, those for failures included.</summary>
    public async Task<IReadOnlyList<QueueDepth>> ListAsync(CancellationToken cancellationToken = default)
    {
        var depths = new List<QueueDepth>();
        foreach (var queue in QueueNames.Work) depths.Add(await DepthAsync(_connection, queue, isFailure: false, cancellationToken));
        foreach (var queue in QueueNames.Failure) depths.Add(await DepthAsync(_connection, queue, isFailure: true, cancellationToken));
        return depths;
    }

    /// <summary>
    /// Moves messages out of a queue for failures, back to the queues they came from; each is confirmed there before it is taken here, so
    /// none is lost.
    /// </summary>
    /// <returns>How many were moved.</returns>
    /// <exception cref="BrokerException">The queue isn't one for failures, or a message can't be moved.</exception>
    public async Task<int> RequeueAsync(string queue, int limit = int.MaxValue, CancellationToken cancellationToken = default)
    {
        if (!QueueNames.Failure.Contains(queue))
            throw new BrokerException($"'{queue}' isn't a queue that failed messages end up in; name one of {string.Join(", ", QueueNames.Failure)}.");
        try
        {
            if ((await DepthAsync(_connection, queue, isFailure: true, cancellationToken)).Messages is not { } waiting) return 0;
            var moved = 0;

            // No more than were there: a message that fails again meanwhile doesn't go round for ever.
            for (var count = Math.Min(limit, waiting); moved < count; moved++)
            {
                if (await _channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is not { } message) break;
                var properties = new BasicProperties(message.BasicProperties) { Headers = null };
                await SendAsync(OriginOf(queue, message.BasicProperties), "", properties, message.Body, cancellationToken);
                await _channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
            }

            return moved;
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException)
        {
            throw Explain(_options, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static string OriginOf(string queue, IReadOnlyBasicProperties properties)
    {
        if (queue != QueueNames.DeadLetter)
            return queue[..queue.LastIndexOf('_')];
        if (properties.Headers?.TryGetValue("x-first-death-queue", out var first) == true && first is byte[] name)
            return System.Text.Encoding.UTF8.GetString(name);
        throw new BrokerException($"A message in '{queue}' doesn't say which queue it came from; look at it with the broker's own tools.");
    }

    internal static BrokerException Explain(BrokerOptions options, Exception e) => e switch
    {
        BrokerUnreachableException { InnerException: AuthenticationFailureException } => new BrokerException(
            $"The broker at {options.Display} refuses the user '{options.UserName}'; check name, password and rights on the virtual host.", e),
        OperationInterruptedException { ShutdownReason.ReplyCode: 406 } refused => new BrokerException(
            $"The broker at {options.Display} has a queue with other arguments: {refused.ShutdownReason!.ReplyText}. Delete the queue once it is empty, or give the worker the same consumer_timeout.", e),
        _ => new BrokerException($"The broker at {options.Display} can't be reached: {e.GetBaseException().Message.TrimEnd('.')}. Check that it runs there, and the address ('docker compose up -d' starts one here); without a broker, 'dray run' and 'dray serve' do the work in one process.", e),
    };

    private async Task SendAsync(
        string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            await _channel.BasicPublishAsync(exchange, routingKey, mandatory: true, properties, body, cancellationToken);
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException)
        {
            throw Explain(_options, e);
        }
    }

    /// <summary>How full a queue is.</summary>
    internal static async Task<QueueDepth> DepthAsync(IConnection connection, string queue, bool isFailure, CancellationToken cancellationToken)
    {
        // A queue that isn't there closes the channel that asks for it.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            var found = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            return new QueueDepth(queue, found.MessageCount, found.ConsumerCount, isFailure);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return new QueueDepth(queue, null, 0, isFailure);
        }
    }
}
