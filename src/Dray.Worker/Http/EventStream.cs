using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Dray.Contracts;
using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Http;

/// <summary>
/// Server-sent events, each a JSON document, as OpenAI streams them. What the client hasn't read is bounded by the server's response buffer:
/// when that is full, writing waits.
/// </summary>
internal sealed class EventStream(HttpContext context)
{
    /// <summary>The media type.</summary>
    public const string ContentType = "text/event-stream";

    private readonly PipeWriter _writer = context.Response.BodyWriter;

    /// <summary>Says what is coming. To be called once, before the first event.</summary>
    public void Begin()
    {
        var response = context.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-cache";

        // Nginx would collect the events.
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Adds an event; <see cref="FlushAsync"/> sends it.</summary>
    public void Add<T>(T data)
    {
        _writer.Write("data: "u8);
        using (var json = new Utf8JsonWriter(_writer, new JsonWriterOptions { Encoder = ContractsJson.Options.Encoder })) JsonSerializer.Serialize(json, data, ContractsJson.Options);
        _writer.Write("\n\n"u8);
    }

    /// <summary>Adds the event that says that no other follows.</summary>
    public void End() => _writer.Write("data: [DONE]\n\n"u8);

    /// <summary>Sends what was added.</summary>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task FlushAsync()
    {
        await _writer.FlushAsync(context.RequestAborted);
        context.RequestAborted.ThrowIfCancellationRequested();
    }
}
