namespace Dray.Quantization.Evaluation;

/// <summary>Perplexity of a model on a text.</summary>
/// <param name="Chunks">Sums per chunk.</param>
/// <param name="Context">Tokens per chunk.</param>
public sealed record PerplexityReport(IReadOnlyList<ChunkLikelihood> Chunks, int Context)
{
    /// <summary>Gets the tokens that llama.cpp's method scores.</summary>
    public int SecondHalfTokens => Chunks.Count * (Context - (Context / 2) - 1);

    /// <summary>Gets the tokens that the method over all positions scores.</summary>
    public int AllTokens => Chunks.Count * (Context - 1);

    /// <summary>Gets exp(mean negative log-likelihood) by llama.cpp's method.</summary>
    public double SecondHalfPerplexity => Math.Exp(Chunks.Sum(chunk => chunk.SecondHalf) / SecondHalfTokens);

    /// <summary>Gets exp(mean negative log-likelihood) over all positions.</summary>
    public double AllPerplexity => Math.Exp(Chunks.Sum(chunk => chunk.All) / AllTokens);
}
