using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>Documents of schedules in a store.</summary>
internal static class ScheduleJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document's bytes.</summary>
    public static byte[] Write<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, Options);

    /// <summary>Writes a line of a JSONL file.</summary>
    public static async Task WriteLineAsync<T>(Stream target, T document, CancellationToken cancellationToken) =>
        await target.WriteAsync((byte[])[.. Write(document), (byte)'\n'], cancellationToken);

    /// <summary>The document in <paramref name="bytes"/>.</summary>
    /// <exception cref="InvalidDataException">They don't hold one; the message names <paramref name="path"/>.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Options) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The blob '{path}' isn't a {typeof(T).Name}: {e.Message}", e);
        }
    }

    /// <summary>The lines of a JSONL file that Dray wrote, one at a time.</summary>
    public static async IAsyncEnumerable<T> ReadLinesAsync<T>(
        this IBlobStore store, string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
        await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(stream, cancellationToken: cancellationToken))
            yield return Read<T>(line.Bytes.Span, path);
    }
}
