using System.Collections.Concurrent;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Transport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dray.Cli.Tests.Deploy;

/// <summary>
/// Stands in for a worker where what a producer put on the wire is of interest: keeps every job as it came, and answers it with the event
/// that its id asks for.
/// </summary>
internal sealed class JobAnswerer : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private JobAnswerer(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <summary>Gets what came, by the job's id.</summary>
    public ConcurrentDictionary<string, (RunJob Job, IReadOnlyBasicProperties Properties)> Jobs { get; } = [];

    public static async Task<JobAnswerer> StartAsync(Uri broker, CancellationToken cancellationToken)
    {
        var connection = await BrokerOptions.Parse(broker.OriginalString).CreateFactory("answerer").CreateConnectionAsync(cancellationToken);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await BrokerTopology.DeclareAsync(channel, BrokerOptions.Parse(broker.OriginalString).ConsumerTimeout, cancellationToken);
        var answerer = new JobAnswerer(connection, channel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += answerer.AnswerAsync;
        await channel.BasicConsumeAsync(QueueNames.RunJob(JobPriority.Normal), autoAck: true, consumer, cancellationToken);
        return answerer;
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task AnswerAsync(object sender, BasicDeliverEventArgs delivery)
    {
        var job = JsonSerializer.Deserialize<RunJob>(delivery.Body.Span, ContractsJson.Options)!;
        Jobs[job.JobId] = (job, new BasicProperties(delivery.BasicProperties));
        var isEnvelope = job.JobId.Contains("envelope", StringComparison.Ordinal);

        // Events go to everybody: somebody else's comes first.
        await PublishAsync(Completed("somebody-elses", null), isEnvelope);
        if (job.JobId.Contains("refused", StringComparison.Ordinal)) await PublishAsync(Failed(job), isEnvelope);
        else await PublishAsync(Completed(job.JobId, job.Metadata), isEnvelope);
    }

    private async Task PublishAsync<T>(T message, bool isEnvelope)
    {
        object content = isEnvelope ? new { messageId = Guid.NewGuid(), messageType = new[] { $"urn:message:Dray.Contracts:{typeof(T).Name}" }, message } : message!;
        var properties = new BasicProperties { ContentType = isEnvelope ? "application/vnd.masstransit+json" : "application/json" };
        await _channel.BasicPublishAsync(BrokerTopology.ExchangeOf(typeof(T)), "", mandatory: false, properties, JsonSerializer.SerializeToUtf8Bytes(content));
    }

    private static JobCompleted Completed(string jobId, IReadOnlyDictionary<string, string>? metadata) => new()
    {
        EventId = Guid.NewGuid(),
        JobId = jobId,
        Output = new() { Path = $"jobs/{jobId}.json", Bytes = 1, Sha256 = "ab" },
        Usage = new() { PromptTokens = 1, CompletionTokens = 2, TotalTokens = 3 },
        Metadata = metadata,
    };

    private static JobFailed Failed(RunJob job) => new()
    {
        EventId = Guid.NewGuid(),
        JobId = job.JobId,
        StatusCode = 400,
        Error = new() { Message = "It says \"no\".", Type = ErrorBody.InvalidRequestType, Code = ErrorCodes.InvalidRequest },
        Metadata = job.Metadata,
    };
}
