using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>
/// Message: let a batch rest. Rows that run finish and are kept; the others wait until a <see cref="ResumeBatch"/> comes.
/// </summary>
public sealed record PauseBatch
{
    /// <summary>Gets the batch's id.</summary>
    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }
}
