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

    private TokenLogProb[] Best(int top, double divisor)
    {
        var count = LogitKernels.AtLeast(_logits, selector.KthLargest(_logits, top), _ids, _scratch);
        // A stable order for equals needs the id in the key; there are little more than top of them.
        var best = new TokenLogProb[count];
        for (var i = 0; i < count; i++) best[i] = new TokenLogProb(_ids[i], (float)(_scratch[i] - divisor));
        Array.Sort(best, static (a, b) => a.LogProb != b.LogProb ? b.LogProb.CompareTo(a.LogProb) : a.Id.CompareTo(b.Id));
        // Tokens that a grammar ruled out have no probability to tell.
        var finite = Array.FindIndex(best, token => float.IsNegativeInfinity(token.LogProb));
        return best[..Math.Min(top, finite < 0 ? count : finite)];
    }
}
