using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dray.Worker.Transport;

/// <summary>Looks at a broker without changing anything there.</summary>
internal static class BrokerInspector
{
    /// <summary>Connects, and looks into the queues.</summary>
    /// <exception cref="BrokerException">The broker is out of reach, or refuses the user.</exception>
    public static async Task<BrokerReport> InspectAsync(BrokerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await options.CreateFactory("dray-doctor").CreateConnectionAsync(cancellationToken);
            var queues = new List<QueueDepth>();
            var refusals = new Dictionary<string, string>();
            foreach (var queue in QueueNames.Work.Concat(QueueNames.Failure))
            {
                try
                {
                    queues.Add(await BrokerClient.DepthAsync(connection, queue, QueueNames.Failure.Contains(queue), cancellationToken));
                    if (queues[^1].Messages is not null && QueueNames.Work.Contains(queue)) await DeclareAgainAsync(connection, queue, options, cancellationToken);
                }
                catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: Constants.AccessRefused or Constants.PreconditionFailed } reason)
                {
                    refusals[queue] = reason.ReplyText;
                }
            }

            return new BrokerReport(TextOf(connection, "product"), TextOf(connection, "version"), queues, refusals);
        }
        catch (Exception exception) when (exception is RabbitMQClientException or IOException or TimeoutException)
        {
            throw BrokerClient.Explain(options, exception);
        }
    }

    // Nothing happens to a queue that is declared as it is; one with other arguments is refused.
    private static async Task DeclareAgainAsync(IConnection connection, string queue, BrokerOptions options, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, BrokerTopology.QueueArguments(options.ConsumerTimeout), cancellationToken: cancellationToken);
    }

    private static string TextOf(IConnection connection, string property) =>
        connection.ServerProperties?.TryGetValue(property, out var value) == true && value is byte[] text ? Encoding.UTF8.GetString(text) : "unknown";
}
