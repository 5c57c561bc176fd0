using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A row that has no usable <c>custom_id</c> of its own: it will be refused under a made-up one.</summary>
public sealed record RenamedRow
{
    /// <summary>Gets the row's number in the batch, from 0.</summary>
    [JsonPropertyName("row")]
    public required long Row { get; init; }

    /// <summary>Gets the made-up <c>custom_id</c>, such as <c>line-17</c>.</summary>
    [JsonPropertyName("custom_id")]
    public required string CustomId { get; init; }

    /// <summary>Gets the line, from 1, that uses the row's <c>custom_id</c> already, or null where the row has none.</summary>
    [JsonPropertyName("duplicate_of_line")]
    public long? DuplicateOfLine { get; init; }
}
