namespace Dray.Quantization.Evaluation;

/// <summary>One request of a throughput benchmark.</summary>
/// <param name="Latency">From submission to answer.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens generated.</param>
/// <param name="Error">Why it failed, or null.</param>
public readonly record struct RequestTiming(TimeSpan Latency, int PromptTokens, int CompletionTokens, string? Error)
{
    /// <summary>Gets the tokens generated per second of latency.</summary>
    public double TokensPerSecond => Latency > TimeSpan.Zero ? CompletionTokens / Latency.TotalSeconds : 0;
}
