using Dray.Inference.Models;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// Perplexity over non-overlapping chunks of a text, each run by itself from position 0, by two scoring methods: that of llama.cpp's
/// <c>llama-perplexity</c>, which scores the second half of each chunk, and over all positions, as prompt log-probabilities give it.
/// </summary>
public sealed class PerplexityEvaluator(LanguageModel model)
{
    /// <summary>Is shown the logits after a position of a chunk, by several threads at once.</summary>
    internal delegate void LogitsReader(int chunk, int position, ReadOnlySpan<float> logits);

    /// <summary>Evaluates <paramref name="ids"/> in chunks of <paramref name="context"/> tokens; a shorter tail is left out.</summary>
    /// <param name="ids">The whole text's tokens, without BOS.</param>
    /// <param name="context">Tokens per chunk, at least 4.</param>
    /// <param name="chunks">The most chunks, or null for all.</param>
    /// <exception cref="ArgumentException">The text is shorter than one chunk.</exception>
    public PerplexityReport Evaluate(ReadOnlySpan<int> ids, int context = 512, int? chunks = null) => Evaluate(new TextChunks(ids, context, chunks));

    /// <summary>Evaluates a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="progress">Told the chunks done.</param>
    /// <param name="cancellationToken">Stops between passes.</param>
    /// <exception cref="ArgumentException">A chunk is longer than the model's context.</exception>
    /// <exception cref="EvaluationException">The model's logits aren't numbers.</exception>
    public PerplexityReport Evaluate(TextChunks text, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Evaluate(text, null, progress, cancellationToken);

    /// <summary>Evaluates a text, and shows <paramref name="reader"/> the logits.</summary>
    internal PerplexityReport Evaluate(TextChunks text, LogitsReader? reader, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.RequireContext(model.ContextLength);
        var results = new ChunkLikelihood[text.Count];
        progress?.Report(new EvaluationProgress("Perplexity", 0, text.Count, "chunks", 0));
        for (var first = 0; first < text.Count; first += text.PerPass)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(text.PerPass, text.Count - first);
            model.Run(text.Of(first, count), count);
            var likelihoods = Score(text, first, count, reader);
            for (var i = 0; i < count; i++) results[first + i] = ChunkLikelihood.Of(likelihoods.AsSpan(i * text.Context, text.Context), first + i);
            progress?.Report(new EvaluationProgress("Perplexity", first + count, text.Count, "chunks", (long)(first + count) * text.Context));
        }

        return new PerplexityReport(results, text.Context);
    }

    /// <summary>The negative log-likelihood of each token's successor, chunk by chunk; 0 for the last of a chunk.</summary>
    private double[] Score(TextChunks text, int firstChunk, int chunks, LogitsReader? reader)
    {
        var likelihoods = new double[chunks * text.Context];
        for (var row = 0; row < likelihoods.Length; row += LanguageModel.RowsAtOnce)
        {
            var first = row;
            var logits = model.Logits(first, Math.Min(LanguageModel.RowsAtOnce, likelihoods.Length - first));
            Parallel.For(0, logits.Count, i =>
            {
                var (chunk, position) = (firstChunk + ((first + i) / text.Context), (first + i) % text.Context);
                if (text.Next(chunk, position) is { } next) likelihoods[first + i] = Softmax.LogSum(logits[i]) - logits[i][next];
                reader?.Invoke(chunk, position, logits[i]);
            });
        }

        return likelihoods;
    }
}
