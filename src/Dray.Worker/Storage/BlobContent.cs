namespace Dray.Worker.Storage;

/// <summary>A small document of the store.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="ETag">Which version it is.</param>
internal sealed record BlobContent(ReadOnlyMemory<byte> Bytes, string ETag);
