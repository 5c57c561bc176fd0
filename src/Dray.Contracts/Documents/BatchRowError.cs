using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Why a row never ran.</summary>
public sealed record BatchRowError
{
    /// <summary>Gets the code: <c>batch_cancelled</c> or <c>batch_expired</c>.</summary>
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    /// <summary>Gets the sentence for people.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }
}
