using Dray.Inference.Models;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// Perplexity over non-overlapping chunks of a text, each run by itself from position 0, by two scoring methods: that of llama.cpp's
/// <c>llama-perplexity</c>, which scores the second half of each chunk, and over all positions, as prompt log-probabilities give it.
/// </summary>
public sealed class PerplexityEvaluator(LanguageModel model)
{
    /// <summary>Evaluates <paramref name="ids"/> in chunks of <paramref name="context"/> tokens; a shorter tail is left out.</summary>
    /// <param name="ids">The whole text's tokens, without BOS.</param>
    /// <param name="context">Tokens per chunk, at least 4.</param>
    /// <param name="chunks">The most chunks, or null for all.</param>
    /// <param name="bos">For a tokenizer that adds one: overwrites the first token of each chunk, as llama.cpp does; or null.</param>
    /// <param name="progress">Told the number of chunks done.</param>
    /// <exception cref="ArgumentException">The text is shorter than one chunk.</exception>
    public PerplexityReport Evaluate(ReadOnlySpan<int> ids, int context = 512, int? chunks = null, int? bos = null, IProgress<int>? progress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(context, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context, model.ContextLength);
        var count = Math.Min(ids.Length / context, chunks ?? int.MaxValue);
        if (count < 1) throw new ArgumentException($"The text has {ids.Length} tokens, fewer than one chunk of {context}; give a longer text or a smaller --ctx.", nameof(ids));

        var results = new ChunkLikelihood[count];
        for (var i = 0; i < count; i++)
        {
            var chunk = ids.Slice(i * context, context).ToArray();
            if (bos is { } id) chunk[0] = id;
            results[i] = Score(chunk);
            progress?.Report(i + 1);
        }

        return new PerplexityReport(results, context);
    }

    private ChunkLikelihood Score(int[] chunk)
    {
        var (half, all) = (0.0, 0.0);
        model.Run(chunk, 0, (position, count, logits) =>
        {
            for (var i = 0; i < count && position + i + 1 < chunk.Length; i++)
            {
                var likelihood = NegativeLogLikelihood(logits.Slice(i * model.Vocabulary, model.Vocabulary), chunk[position + i + 1]);
                all += likelihood;
                if (position + i >= chunk.Length / 2) half += likelihood;
            }
        });
        return new ChunkLikelihood(half, all);
    }

    private static double NegativeLogLikelihood(ReadOnlySpan<float> logits, int target)
    {
        var max = float.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - max);
        return Math.Log(sum) + max - logits[target];
    }
}
