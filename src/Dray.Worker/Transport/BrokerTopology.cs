using Dray.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dray.Worker.Transport;

/// <summary>
/// The exchanges and queues of a deployment, so that a message sent before the first worker starts waits for it. Declaring what is
/// there already changes nothing; workers consume from just these.
/// </summary>
internal static class BrokerTopology
{
    /// <summary>
    /// Deliveries after which the broker gives a message up. Far above what crashes and outages cause, each of which waits longer than
    /// the last: a row that kills workers is found much earlier.
    /// </summary>
    public const int DeliveryLimit = 100;

    private static readonly Type[] Events =
    [
        typeof(JobCompleted), typeof(JobFailed), typeof(BatchProgress), typeof(BatchCompleted), typeof(BatchFailed), typeof(BatchCancelled),
        typeof(BatchExpired), typeof(BatchIncomplete),
    ];

    /// <summary>The exchange of a message type, as MassTransit names it.</summary>
    public static string ExchangeOf(Type message) => $"{message.Namespace}:{message.Name}";

    /// <summary>Gets the types that are routed by priority.</summary>
    public static bool IsRouted(Type message) => message == typeof(RunJob) || message == typeof(RunChunk);

    /// <summary>The arguments of a work queue.</summary>
    public static Dictionary<string, object?> QueueArguments(TimeSpan consumerTimeout) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = QueueNames.DeadLetter,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
        ["x-consumer-timeout"] = (int)consumerTimeout.TotalMilliseconds,
    };

    /// <summary>The message types whose exchanges lead to a queue, with their routing keys.</summary>
    public static IEnumerable<(string Queue, Type Message, IReadOnlyList<string> RoutingKeys)> Bindings()
    {
        // Plain JSON doesn't say what it is: a queue has messages of one type only.
        yield return (QueueNames.SubmitBatch, typeof(SubmitBatch), [""]);
        yield return (QueueNames.CancelBatch, typeof(CancelBatch), [""]);
        yield return (QueueNames.PauseBatch, typeof(PauseBatch), [""]);
        yield return (QueueNames.ResumeBatch, typeof(ResumeBatch), [""]);
        foreach (var priority in QueueNames.Priorities)
        {
            // A producer that knows nothing of priorities publishes without a key.
            string[] keys = priority == JobPriority.Normal ? [QueueNames.RoutingKey(priority), ""] : [QueueNames.RoutingKey(priority)];
            yield return (QueueNames.RunChunk(priority), typeof(RunChunk), keys);
            yield return (QueueNames.RunJob(priority), typeof(RunJob), keys);
        }
    }

    /// <summary>Whether everything was declared: what comes last is there.</summary>
    public static async Task<bool> IsDeclaredAsync(IConnection connection, CancellationToken cancellationToken)
    {
        // An exchange that isn't there closes the channel that asks for it.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.ExchangeDeclarePassiveAsync(ExchangeOf(Events[^1]), cancellationToken);
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return false;
        }
    }

    /// <summary>Declares everything.</summary>
    public static async Task DeclareAsync(IChannel channel, TimeSpan consumerTimeout, CancellationToken cancellationToken)
    {
        await DeclareQueueAsync(channel, QueueNames.DeadLetter, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken);
        var arguments = QueueArguments(consumerTimeout);
        foreach (var queue in QueueNames.Work) await DeclareQueueAsync(channel, queue, arguments, cancellationToken);
        foreach (var (queue, message, keys) in Bindings())
        {
            await DeclareExchangeAsync(channel, message, cancellationToken);
            foreach (var key in keys)
                await channel.ExchangeBindAsync(queue, ExchangeOf(message), key, cancellationToken: cancellationToken);
        }

        foreach (var message in Events) await DeclareExchangeAsync(channel, message, cancellationToken);
    }

    private static Task DeclareExchangeAsync(IChannel channel, Type message, CancellationToken cancellationToken) => channel.ExchangeDeclareAsync(
        ExchangeOf(message), IsRouted(message) ? ExchangeType.Direct : ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);

    private static async Task DeclareQueueAsync(
        IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, arguments: arguments, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue, queue, "", cancellationToken: cancellationToken);
    }
}
