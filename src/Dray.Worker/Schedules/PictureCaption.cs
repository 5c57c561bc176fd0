using System.Text.Json;
using System.Text.Json.Serialization;
using Dray.Contracts;

namespace Dray.Worker.Schedules;

/// <summary>What is written of a picture: its sidecar file, and its line in the firing's file.</summary>
internal sealed record PictureCaption
{
    /// <summary>Gets the path below the source.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the page, from 1, where this is one of several.</summary>
    public int? Page { get; init; }

    /// <summary>Gets the version in the source's listing: a blob's etag, or time and size of a file.</summary>
    [JsonPropertyName("etag")]
    public string? ETag { get; init; }

    /// <summary>Gets the hash of the content, lower-case hex.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Gets the schedule.</summary>
    public string? Schedule { get; init; }

    /// <summary>Gets the fire time.</summary>
    public DateTimeOffset? FiredAt { get; init; }

    /// <summary>Gets the batch.</summary>
    public string? BatchId { get; init; }

    /// <summary>Gets the row of the batch.</summary>
    public string? CustomId { get; init; }

    /// <summary>Gets the model that answered.</summary>
    public string? Model { get; init; }

    /// <summary>Gets the answer: a text, or a JSON value where the schedule has a schema.</summary>
    public JsonElement? Answer { get; init; }

    /// <summary>Gets the answers of the pages, of a document with several.</summary>
    public IReadOnlyList<PictureCaption>? Pages { get; init; }

    /// <summary>Gets the tokens used.</summary>
    public CompletionUsage? Usage { get; init; }

    /// <summary>Gets why there is no answer, or null.</summary>
    public CaptionError? Error { get; init; }

    /// <summary>Gets whether the picture failed for the last time, until it changes.</summary>
    public bool? GivenUp { get; init; }
}
