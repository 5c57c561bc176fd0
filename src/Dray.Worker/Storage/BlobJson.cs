using System.Text.Json;
using Dray.Contracts;

namespace Dray.Worker.Storage;

/// <summary>Documents of the contracts in a store.</summary>
internal static class BlobJson
{
    /// <summary>The document's bytes.</summary>
    public static byte[] Write<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Options);

    /// <summary>The document in <paramref name="bytes"/>.</summary>
    /// <exception cref="InvalidDataException">They don't hold one; the message names <paramref name="path"/>.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, ContractsJson.Options) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The blob '{path}' isn't a {typeof(T).Name}: {e.Message}", e);
        }
    }

    /// <summary>Reads a document, or gives null where there is none.</summary>
    public static async Task<T?> TryReadJsonAsync<T>(this IBlobStore store, string path, CancellationToken cancellationToken)
        where T : class =>
        await store.TryReadAsync(path, cancellationToken) is { } content ? Read<T>(content.Bytes.Span, path) : null;

    /// <summary>Writes a blob from bytes unless there is one already.</summary>
    public static Task<bool> TryCreateAsync(
        this IBlobStore store, string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        store.TryCreateAsync(path, (stream, token) => stream.WriteAsync(content, token).AsTask(), cancellationToken);
}
