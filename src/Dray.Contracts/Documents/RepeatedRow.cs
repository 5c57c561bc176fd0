using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A row that asks, under another <c>custom_id</c>, what an earlier row asks: it runs once, and both get the answer.</summary>
public sealed record RepeatedRow
{
    /// <summary>Gets the row's number in the batch, from 0.</summary>
    [JsonPropertyName("row")]
    public required long Row { get; init; }

    /// <summary>Gets the row's own <c>custom_id</c>.</summary>
    [JsonPropertyName("custom_id")]
    public required string CustomId { get; init; }

    /// <summary>Gets the number of the earlier row.</summary>
    [JsonPropertyName("of_row")]
    public required long OfRow { get; init; }
}
