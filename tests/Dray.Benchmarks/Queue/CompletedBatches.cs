using System.Collections.Concurrent;
using System.Text.Json;
using Dray.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dray.Benchmarks.Queue;

/// <summary>Listens to batches that are complete.</summary>
internal sealed class CompletedBatches : IAsyncDisposable
{
    private const string Exchange = "Dray.Contracts:BatchCompleted";
    private readonly IConnection _connection;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _batches = new();

    private CompletedBatches(IConnection connection) => _connection = connection;

    public static async Task<CompletedBatches> ListenAsync(Uri broker)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        var listener = new CompletedBatches(connection);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, Exchange, "");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            var completed = JsonSerializer.Deserialize<BatchCompleted>(message.Body.Span, ContractsJson.Options)!;
            listener.Of(completed.BatchId).TrySetResult();
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        return listener;
    }

    /// <summary>Waits for the event of a batch.</summary>
    public Task WaitAsync(string batchId) => Of(batchId).Task;

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private TaskCompletionSource Of(string batchId) =>
        _batches.GetOrAdd(batchId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
