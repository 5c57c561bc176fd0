using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary><c>files/{file_id}/file.json</c>: a file that was uploaded. Written once its content is there; before that there is no file.</summary>
public sealed record StoredFile
{
    /// <summary>Gets the file as clients see it.</summary>
    [JsonPropertyName("file")]
    public required BatchFile File { get; init; }

    /// <summary>Gets where its content is.</summary>
    [JsonPropertyName("content")]
    public required BlobDigest Content { get; init; }
}
