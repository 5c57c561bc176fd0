using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Rows of a batch.</summary>
public sealed record BatchRequestCounts
{
    /// <summary>Gets all rows.</summary>
    [JsonPropertyName("total")]
    public long Total { get; init; }

    /// <summary>Gets the rows with an answer.</summary>
    [JsonPropertyName("completed")]
    public long Completed { get; init; }

    /// <summary>Gets the rows with an error; in a finished batch <c>total = completed + failed</c>.</summary>
    [JsonPropertyName("failed")]
    public long Failed { get; init; }
}
