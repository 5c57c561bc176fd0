using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A range of consecutive input rows that one delivery runs.</summary>
public sealed record BatchChunk
{
    /// <summary>Gets the chunk's number in the batch, from 0.</summary>
    [JsonPropertyName("index")]
    public required int Index { get; init; }

    /// <summary>Gets where in the input its first line begins, in bytes.</summary>
    [JsonPropertyName("offset")]
    public required long Offset { get; init; }

    /// <summary>Gets how many bytes of the input it has.</summary>
    [JsonPropertyName("length")]
    public required long Length { get; init; }

    /// <summary>Gets the number of the line at <see cref="Offset"/>, from 1; blank lines count.</summary>
    [JsonPropertyName("first_line")]
    public required long FirstLine { get; init; }

    /// <summary>Gets the number of its first row in the batch, from 0; blank lines don't count.</summary>
    [JsonPropertyName("first_row")]
    public required long FirstRow { get; init; }

    /// <summary>Gets how many rows it has.</summary>
    [JsonPropertyName("rows")]
    public required int Rows { get; init; }
}
