// producer [JOB_ID] [PROMPT]: publishes a RunJob and waits for its event.
using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Dray.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

const string JobExchange = "Dray.Contracts:RunJob";
var events = new Dictionary<string, Type>
{
    ["Dray.Contracts:JobCompleted"] = typeof(JobCompleted),
    ["Dray.Contracts:JobFailed"] = typeof(JobFailed),
}.ToFrozenDictionary();
var patience = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("DRAY_WAIT_SECONDS") ?? "600", CultureInfo.InvariantCulture));

var job = new RunJob
{
    JobId = args.Length > 0 ? args[0] : $"job-{Guid.NewGuid():N}",
    Body = JsonSerializer.SerializeToElement(new
    {
        messages = new[] { new { role = "user", content = args.Length > 1 ? args[1] : "Say hello" } },
        max_completion_tokens = 64,
    }),
    Metadata = new Dictionary<string, string> { ["producer"] = "csharp" },
};

try
{
    var factory = new ConnectionFactory
    {
        Uri = new Uri(Environment.GetEnvironmentVariable("DRAY_BROKER") ?? "amqp://guest:guest@localhost:5672"),
        ClientProvidedName = "dray-sample-csharp",
    };
    await using var connection = await factory.CreateConnectionAsync();
    await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

    // Listen first: the event may come before the publish is confirmed.
    var queue = (await channel.QueueDeclareAsync()).QueueName;
    foreach (var exchange in events.Keys) await channel.QueueBindAsync(queue, exchange, routingKey: "");
    var arrived = Channel.CreateUnbounded<object>();
    var consumer = new AsyncEventingBasicConsumer(channel);
    consumer.ReceivedAsync += async (_, delivery) =>
    {
        var type = events[delivery.Exchange];
        await arrived.Writer.WriteAsync(JsonSerializer.Deserialize(delivery.Body.Span, type, ContractsJson.Options)!);
    };
    await channel.BasicConsumeAsync(queue, autoAck: true, consumer);

    // Mandatory with tracked confirms: this throws where no queue took the message or the broker refused it.
    var properties = new BasicProperties
    {
        ContentType = "application/json",
        DeliveryMode = DeliveryModes.Persistent,
        MessageId = Guid.NewGuid().ToString(),
    };
    var body = JsonSerializer.SerializeToUtf8Bytes(job, ContractsJson.Options);
    await channel.BasicPublishAsync(JobExchange, routingKey: "normal", mandatory: true, properties, body);
    await Console.Error.WriteLineAsync($"published {job.JobId}");

    using var limit = new CancellationTokenSource(patience);
    await foreach (var message in arrived.Reader.ReadAllAsync(limit.Token))
    {
        if (message is JobCompleted completed && completed.JobId == job.JobId) return Print(completed, exitCode: 0);
        if (message is JobFailed failed && failed.JobId == job.JobId) return Print(failed, exitCode: 1);
    }

    return 4;
}
catch (Exception e) when (e is RabbitMQClientException or IOException or OperationCanceledException)
{
    await Console.Error.WriteLineAsync($"No event for {job.JobId}: {e.GetBaseException().Message}");
    return 4;
}

static int Print<T>(T message, int exitCode)
{
    Console.WriteLine(JsonSerializer.Serialize(message, ContractsJson.Options));
    return exitCode;
}
