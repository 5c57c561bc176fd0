using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Tokens of a batch's successful rows, in the words of OpenAI's Batch object.</summary>
public sealed record BatchUsage
{
    /// <summary>Gets the prompts' tokens, pictures included.</summary>
    [JsonPropertyName("input_tokens")]
    public long InputTokens { get; init; }

    /// <summary>Gets the tokens generated.</summary>
    [JsonPropertyName("output_tokens")]
    public long OutputTokens { get; init; }

    /// <summary>Gets the sum of both.</summary>
    [JsonPropertyName("total_tokens")]
    public long TotalTokens { get; init; }

    /// <summary>This and <paramref name="other"/> together.</summary>
    public BatchUsage Plus(BatchUsage other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new()
        {
            InputTokens = InputTokens + other.InputTokens,
            OutputTokens = OutputTokens + other.OutputTokens,
            TotalTokens = TotalTokens + other.TotalTokens,
        };
    }
}
