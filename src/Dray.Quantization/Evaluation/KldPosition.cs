namespace Dray.Quantization.Evaluation;

/// <summary>How far a model's distribution is from the base's after one token, in nats.</summary>
/// <param name="Full">KL(base || model) over the whole vocabulary.</param>
/// <param name="Api">
/// Over the base's 20 most probable tokens, with what a server's <c>logprobs: 20</c> tells of the model: a token that isn't among the model's own
/// 20 has the probability of its 20th.
/// </param>
/// <param name="Raw">Over the base's 20 most probable tokens, nothing renormalised: a partial sum, which can be negative.</param>
/// <param name="Renormalised">Over the base's 20 most probable tokens, both distributions renormalised over them.</param>
/// <param name="SameTop">Whether both have the same most probable token.</param>
/// <param name="DeltaP">The model's probability of the actual next token less the base's; null where the chunk has no next token.</param>
public readonly record struct KldPosition(double Full, double Api, double Raw, double Renormalised, bool SameTop, double? DeltaP)
{
    private const int Top = 20;

    /// <summary>Compares two rows of logits.</summary>
    /// <param name="p">The base's.</param>
    /// <param name="q">The model's.</param>
    /// <param name="next">The actual next token, if there is one.</param>
    internal static KldPosition Compare(ReadOnlySpan<float> p, ReadOnlySpan<float> q, int? next)
    {
        var (full, pLogSum, qLogSum) = Softmax.Compare(p, q);
        Span<int> pTop = stackalloc int[Top], qTop = stackalloc int[Top];
        TopTokens.Find(p, pTop);
        TopTokens.Find(q, qTop);
        var (api, raw, pMass, qMass) = (0.0, 0.0, 0.0, 0.0);
        foreach (var token in pTop)
        {
            var (likelihood, exact) = (p[token] - pLogSum, q[token] - qLogSum);
            var told = qTop.Contains(token) ? exact : q[qTop[^1]] - qLogSum;
            api += Math.Exp(likelihood) * (likelihood - told);
            raw += Math.Exp(likelihood) * (likelihood - exact);
            pMass += Math.Exp(likelihood);
            qMass += Math.Exp(exact);
        }

        var renormalised = (raw / pMass) - Math.Log(pMass) + Math.Log(qMass);
        double? delta = next is { } t ? Math.Exp(q[t] - qLogSum) - Math.Exp(p[t] - pLogSum) : null;
        return new KldPosition(full, api, raw, renormalised, pTop[0] == qTop[0], delta);
    }

    /// <summary>Checks that two models can be compared.</summary>
    /// <exception cref="ArgumentException">They can't.</exception>
    internal static void RequireVocabularies(int reference, int model)
    {
        if (model != reference || model < Top)
        {
            throw new ArgumentException(
                $"The model has {model} logits and its base {reference}; a divergence needs two models of one vocabulary, of at least {Top} tokens.");
        }
    }
}
