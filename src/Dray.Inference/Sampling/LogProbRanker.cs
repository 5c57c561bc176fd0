namespace Dray.Inference.Sampling;

/// <summary>Log-probabilities of the model's own logits, which it keeps while the sampler changes them. Not thread-safe.</summary>
internal sealed class LogProbRanker(int vocabulary, TopSelector selector)
{
    private readonly float[] _logits = new float[vocabulary];
    private readonly float[] _scratch = new float[vocabulary];
    private readonly int[] _ids = new int[vocabulary];

    /// <summary>Keeps a step's logits.</summary>
    public void Keep(ReadOnlySpan<float> logits) => logits.CopyTo(_logits);

    /// <summary>The token <paramref name="id"/> with its log-probability and those of the <paramref name="top"/> best; equals by id.</summary>
    public SampledToken Describe(int id, int top)
    {
        var max = LogitKernels.Max(_logits);
        LogitKernels.Exponentials(_logits, max, temperature: 1f, _scratch);
        var divisor = max + Math.Log(LogitKernels.Sum(_scratch));
        return new SampledToken(id, (float)(_logits[id] - divisor), top == 0 ? [] : Best(Math.Min(top, _logits.Length), divisor));
    }

    /// <summary>As <see cref="Describe(int, int)"/>, from a row's greatest logits, among them that of <paramref name="id"/>.</summary>
    public static SampledToken Describe(ReadOnlySpan<int> ids, ReadOnlySpan<float> logits, float sum, int id, int top)
    {
        var divisor = logits[0] + Math.Log(sum);
        var best = new TokenLogProb[top];
        for (var i = 0; i < top; i++) best[i] = new TokenLogProb(ids[i], (float)(logits[i] - divisor));
        return new SampledToken(id, (float)(logits[ids.IndexOf(id)] - divisor), Ranked(best, top));
    }

    private TokenLogProb[] Best(int top, double divisor)
    {
        var count = LogitKernels.AtLeast(_logits, selector.KthLargest(_logits, top), _ids, _scratch);
        // A stable order for equals needs the id in the key; there are little more than top of them.
        var best = new TokenLogProb[count];
        for (var i = 0; i < count; i++) best[i] = new TokenLogProb(_ids[i], (float)(_scratch[i] - divisor));
        return Ranked(best, top);
    }

    private static TokenLogProb[] Ranked(TokenLogProb[] tokens, int top)
    {
        Array.Sort(tokens, static (a, b) => a.LogProb != b.LogProb ? b.LogProb.CompareTo(a.LogProb) : a.Id.CompareTo(b.Id));
        // Tokens that a grammar ruled out have no probability to tell.
        var finite = Array.FindIndex(tokens, token => float.IsNegativeInfinity(token.LogProb));
        return tokens[..Math.Min(top, finite < 0 ? tokens.Length : finite)];
    }
}
