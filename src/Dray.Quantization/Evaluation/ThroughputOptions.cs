namespace Dray.Quantization.Evaluation;

/// <summary>What a throughput benchmark runs.</summary>
public sealed record ThroughputOptions
{
    /// <summary>The most requests at once.</summary>
    public const int MaxConcurrency = 4096;

    /// <summary>The most requests of a level.</summary>
    public const int MaxRequests = 1_000_000;

    private const int FewestRequests = 8;

    /// <summary>Gets how many requests are with the engine at once, level by level. <value>The default value is 1 and 32 requests.</value></summary>
    public IReadOnlyList<int> Concurrency { get; init; } = [1, 32];

    /// <summary>Gets the requests of a level. <value>The default value is null: twice the concurrency, and at least 8.</value></summary>
    public int? Requests { get; init; }

    /// <summary>Gets the tokens that every request generates. <value>The default value is 128 tokens.</value></summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>The requests of a level.</summary>
    public int RequestsOf(int concurrency) => Requests ?? Math.Max(FewestRequests, 2 * concurrency);

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        if (Concurrency.Count == 0 || Concurrency.Any(level => level is < 1 or > MaxConcurrency))
            throw new ArgumentException($"The concurrency is '{string.Join(',', Concurrency)}', but it must be numbers from 1 to {MaxConcurrency}.");
        if (Requests is < 1 or > MaxRequests)
            throw new ArgumentException($"The number of requests is {Requests}, but it must be from 1 to {MaxRequests}.");
        if (MaxTokens < 1)
            throw new ArgumentException($"The tokens to generate are {MaxTokens}, but every request must make at least 1.");
    }
}
