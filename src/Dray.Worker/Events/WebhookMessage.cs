using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dray.Contracts;

namespace Dray.Worker.Events;

/// <summary>An event as a webhook's body, and its signature, after the Standard Webhooks specification 1.0.</summary>
/// <param name="Id">The event's id, the same however often it is posted.</param>
/// <param name="Type">What happened, such as <c>batch.completed</c>.</param>
/// <param name="Body">The JSON: <c>type</c>, <c>timestamp</c> and the event as <c>data</c>.</param>
internal sealed record WebhookMessage(string Id, string Type, ReadOnlyMemory<byte> Body)
{
    /// <summary>The header of the event's id.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header of the time of the attempt, in Unix seconds.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header of the signature.</summary>
    public const string SignatureHeader = "webhook-signature";

    /// <summary>Writes an event that happened at <paramref name="occurredAt"/>.</summary>
    public static WebhookMessage Of<T>(T message, Guid id, DateTimeOffset occurredAt)
        where T : class
    {
        var type = TypeOf(message);
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = ContractsJson.Options.Encoder }))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WriteString("timestamp", occurredAt.UtcDateTime);
            writer.WritePropertyName("data");
            JsonSerializer.Serialize(writer, message, ContractsJson.Options);
            writer.WriteEndObject();
        }

        return new WebhookMessage(id.ToString(), type, body.WrittenMemory);
    }

    /// <summary>The signature of an attempt: HMAC-SHA256 over id, timestamp and body with dots between.</summary>
    public string Sign(ReadOnlySpan<byte> key, long timestamp)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Id}.{timestamp}.")));
        hash.AppendData(Body.Span);
        return $"v1,{Convert.ToBase64String(hash.GetHashAndReset())}";
    }

    private static string TypeOf(object message) => message switch
    {
        BatchCompleted => "batch.completed",
        BatchFailed => "batch.failed",
        BatchCancelled => "batch.cancelled",
        BatchExpired => "batch.expired",
        BatchIncomplete => "batch.incomplete",
        BatchProgress => "batch.progress",
        JobCompleted => "job.completed",
        JobFailed => "job.failed",
        _ => throw new ArgumentException($"{message.GetType().Name} isn't an event that a webhook knows.", nameof(message)),
    };
}
