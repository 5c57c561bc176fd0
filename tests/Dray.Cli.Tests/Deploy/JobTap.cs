using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Transport;
using RabbitMQ.Client;

namespace Dray.Cli.Tests.Deploy;

/// <summary>Gets a copy of every job of normal priority, as it came over the wire.</summary>
internal sealed class JobTap : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _queue;

    private JobTap(IConnection connection, IChannel channel, string queue) => (_connection, _channel, _queue) = (connection, channel, queue);

    public static async Task<JobTap> StartAsync(Uri broker, CancellationToken cancellationToken)
    {
        var connection = await BrokerOptions.Parse(broker.OriginalString).CreateFactory("tap").CreateConnectionAsync(cancellationToken);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var queue = (await channel.QueueDeclareAsync(cancellationToken: cancellationToken)).QueueName;
        await channel.QueueBindAsync(queue, BrokerTopology.ExchangeOf(typeof(RunJob)), QueueNames.RoutingKey(JobPriority.Normal), cancellationToken: cancellationToken);
        return new JobTap(connection, channel, queue);
    }

    /// <summary>The next job and what came with it.</summary>
    public async Task<(RunJob Job, IReadOnlyBasicProperties Properties)> NextAsync(CancellationToken cancellationToken)
    {
        var message = (await _channel.BasicGetAsync(_queue, autoAck: true, cancellationToken)).ShouldNotBeNull();
        return (JsonSerializer.Deserialize<RunJob>(message.Body.Span, ContractsJson.Options)!, message.BasicProperties);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
