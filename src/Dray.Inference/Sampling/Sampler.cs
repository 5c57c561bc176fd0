using Dray.Inference.Compute;

namespace Dray.Inference.Sampling;

/// <summary>
/// Chooses a sequence's next token, with vLLM's rules and in its order: logit bias, repetition, frequency and presence penalty,
/// [greedy: the greatest logit, the lowest id at ties], temperature, min_p, top_k, top_p, draw.
/// </summary>
/// <remarks>
/// Holds scratch for one vocabulary and allocates nothing per step, unless log-probabilities are asked for. Not thread-safe. A token depends
/// on the sequence's own logits and state only. Of equal logits on top_p's border those with the lowest ids stay; top_k keeps them all.
/// </remarks>
public sealed class Sampler
{
    /// <summary>Temperatures below this are greedy.</summary>
    internal const float GreedyBelow = 1e-5f;

    /// <summary>Lower temperatures that aren't greedy are raised to this.</summary>
    internal const float LowestTemperature = 0.01f;

    private readonly int _vocabulary;
    private readonly LogProbRanker _ranker;
    private readonly ShortList _shortList;

    /// <param name="vocabulary">Number of token ids.</param>
    public Sampler(int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        _vocabulary = vocabulary;
        var selector = new TopSelector(vocabulary);
        Candidates = new CandidateSet(vocabulary, selector);
        _ranker = new LogProbRanker(vocabulary, selector);
        _shortList = new ShortList(vocabulary, Candidates);
    }

    /// <summary>Gets the tokens that the last draw was from.</summary>
    internal CandidateSet Candidates { get; }

    /// <summary>Chooses the next token and records it in <paramref name="state"/>.</summary>
    /// <param name="logits">[vocabulary], changed in place; −∞ rules a token out.</param>
    /// <param name="state">The sequence's parameters and memory.</param>
    /// <exception cref="InvalidOperationException">The logits hold NaN or +∞, or rule out every token.</exception>
    public SampledToken Sample(Span<float> logits, SequenceSamplingState state)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, _vocabulary);
        var sampling = state.Sampling;
        if (sampling.LogProbs is not null) _ranker.Keep(logits);
        state.Adjust(logits);

        var max = LogitKernels.Max(logits);
        if (!float.IsFinite(max))
        {
            throw new InvalidOperationException(float.IsNegativeInfinity(max)
                ? "Every token is ruled out, so none can be chosen; the grammar or the bias leaves nothing."
                : $"The greatest logit is {max}, so no token can be chosen; the model's weights or its cache are damaged.");
        }

        var id = sampling.IsGreedy ? LogitKernels.IndexOf(logits, max) : Draw(logits, max, state);
        state.Record(id);
        return sampling.LogProbs is { } top ? _ranker.Describe(id, top) : new SampledToken(id, float.NaN, []);
    }

    /// <summary>
    /// Chooses the next token from a row's greatest logits, if they are enough to tell what <see cref="Sample"/> would choose from the whole
    /// row; if not, nothing has happened.
    /// </summary>
    /// <param name="top">What a backend found of the rows.</param>
    /// <param name="row">Which of them.</param>
    /// <param name="state">The sequence's parameters and memory.</param>
    /// <param name="token">The token.</param>
    public bool TrySample(TopLogits top, int row, SequenceSamplingState state, out SampledToken token)
    {
        token = default;
        var (sampling, sum) = (state.Sampling, top.Sums[row]);
        ReadOnlySpan<int> ids = top.RowIds(row);
        ReadOnlySpan<float> logits = top.RowValues(row);
        if (!state.LeavesLogits || !float.IsFinite(sum) || sampling.LogProbs > ids.Length) return false;
        var id = sampling.IsGreedy ? ids[0] : _shortList.Draw(ids, logits, sum, sampling, state.PeekDouble());
        if (id < 0) return false;
        if (!sampling.IsGreedy) state.NextDouble();
        state.Record(id);
        token = sampling.LogProbs is { } count ? LogProbRanker.Describe(ids, logits, sum, id, count) : new SampledToken(id, float.NaN, []);
        return true;
    }

    /// <summary>What untouched logits say of a token that was not sampled, such as one of a prompt.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="id">The token.</param>
    /// <param name="top">How many of the most probable tokens to name beside it.</param>
    public SampledToken Describe(ReadOnlySpan<float> logits, int id, int top)
    {
        _ranker.Keep(logits);
        return _ranker.Describe(id, top);
    }

    private int Draw(ReadOnlySpan<float> logits, float max, SequenceSamplingState state)
    {
        Candidates.Fill(logits, max, state.Sampling);
        return Candidates.Draw(state.NextDouble());
    }
}
