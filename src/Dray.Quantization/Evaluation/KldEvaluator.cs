using Dray.Inference.Models;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// Kullback-Leibler divergence of a model from its base over non-overlapping chunks of a text, each run by itself from position 0, at the second
/// half of each chunk. The two may be two checkpoints, or one checkpoint on two backends. Holds the base's logits of half a chunk at a time.
/// </summary>
/// <param name="reference">The base.</param>
/// <param name="model">What is compared with it.</param>
public sealed class KldEvaluator(LanguageModel reference, LanguageModel model)
{
    private const int Top = 20;

    private readonly int[] _referenceTop = new int[Top];
    private readonly int[] _modelTop = new int[Top];

    /// <summary>Evaluates <paramref name="ids"/> in chunks of <paramref name="context"/> tokens; a shorter tail is left out.</summary>
    /// <param name="ids">The whole text's tokens, without BOS.</param>
    /// <param name="context">Tokens per chunk, at least 4.</param>
    /// <param name="chunks">The most chunks, or null for all.</param>
    /// <param name="progress">Told the number of chunks done.</param>
    /// <exception cref="ArgumentException">The text is shorter than one chunk, or the models' vocabularies have different sizes.</exception>
    public KldReport Evaluate(ReadOnlySpan<int> ids, int context = 512, int? chunks = null, IProgress<int>? progress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(context, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context, Math.Min(model.ContextLength, reference.ContextLength));
        if (model.Vocabulary != reference.Vocabulary || model.Vocabulary < Top)
        {
            throw new ArgumentException(
                $"The model has {model.Vocabulary} logits and its base {reference.Vocabulary}; a divergence needs two models of one vocabulary, of at least {Top} tokens.");
        }

        var count = Math.Min(ids.Length / context, chunks ?? int.MaxValue);
        if (count < 1) throw new ArgumentException($"The text has {ids.Length} tokens, fewer than one chunk of {context}; give a longer text or a smaller --ctx.", nameof(ids));

        var first = context / 2;
        var kept = new float[checked((context - first) * reference.Vocabulary)];
        var positions = new List<KldPosition>(count * (context - first));
        for (var i = 0; i < count; i++)
        {
            var chunk = ids.Slice(i * context, context).ToArray();
            reference.Run(chunk, first, (position, _, logits) => logits.CopyTo(kept.AsSpan((position - first) * reference.Vocabulary)));
            model.Run(chunk, first, (position, rows, logits) =>
            {
                for (var row = 0; row < rows; row++)
                {
                    var p = kept.AsSpan((position + row - first) * reference.Vocabulary, reference.Vocabulary);
                    int? next = position + row + 1 < chunk.Length ? chunk[position + row + 1] : null;
                    positions.Add(Compare(p, logits.Slice(row * model.Vocabulary, model.Vocabulary), next));
                }
            });
            progress?.Report(i + 1);
        }

        return new KldReport(positions, context);
    }

    private KldPosition Compare(ReadOnlySpan<float> p, ReadOnlySpan<float> q, int? next)
    {
        var (pNormalizer, qNormalizer) = (LogSum(p), LogSum(q));
        var full = 0.0;
        for (var i = 0; i < p.Length; i++)
        {
            var likelihood = p[i] - pNormalizer;
            full += Math.Exp(likelihood) * (likelihood - (q[i] - qNormalizer));
        }

        TopTokens.Find(p, _referenceTop);
        TopTokens.Find(q, _modelTop);
        var (api, raw, pMass, qMass) = (0.0, 0.0, 0.0, 0.0);
        foreach (var token in _referenceTop)
        {
            var (likelihood, exact) = (p[token] - pNormalizer, q[token] - qNormalizer);
            var told = _modelTop.Contains(token) ? exact : q[_modelTop[^1]] - qNormalizer;
            api += Math.Exp(likelihood) * (likelihood - told);
            raw += Math.Exp(likelihood) * (likelihood - exact);
            pMass += Math.Exp(likelihood);
            qMass += Math.Exp(exact);
        }

        var renormalised = (raw / pMass) - Math.Log(pMass) + Math.Log(qMass);
        double? delta = next is { } t ? Math.Exp(q[t] - qNormalizer) - Math.Exp(p[t] - pNormalizer) : null;
        return new KldPosition(full, api, raw, renormalised, _referenceTop[0] == _modelTop[0], delta);
    }

    /// <summary>ln Σ exp: what a logit less this is the log-probability of.</summary>
    private static double LogSum(ReadOnlySpan<float> logits)
    {
        var max = float.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - max);
        return Math.Log(sum) + max;
    }
}
