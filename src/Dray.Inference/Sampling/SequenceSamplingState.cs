using Dray.Inference.Sampling.Grammar;

namespace Dray.Inference.Sampling;

/// <summary>
/// What sampling one sequence remembers between steps: its generator, the tokens it has seen and its length. It belongs to one sequence,
/// so that an answer doesn't depend on what else is in the batch; it survives preemption.
/// </summary>
public sealed class SequenceSamplingState
{
    private readonly int[] _endTokens;
    private readonly float[] _endLogits;
    private readonly (int Id, float Bias)[] _biases;
    private readonly PenaltyState? _penalties;
    private readonly ITokenConstraint? _constraint;
    private SeededGenerator _generator;

    /// <param name="sampling">The request's parameters, which passed <see cref="SamplingParams.RequireVocabulary"/>.</param>
    /// <param name="promptIds">The prompt's tokens.</param>
    /// <param name="eosTokens">The model's end-of-sequence tokens, which end the answer unless the request ignores them.</param>
    /// <param name="choice">Which of the request's <see cref="SamplingParams.N"/> answers this is; each draws differently.</param>
    /// <param name="constraint">What the tokens must obey, or null.</param>
    public SequenceSamplingState(
        SamplingParams sampling, ReadOnlySpan<int> promptIds, ReadOnlySpan<int> eosTokens = default, int choice = 0, ITokenConstraint? constraint = null)
    {
        _constraint = constraint;
        Sampling = sampling;
        _endTokens = sampling.IgnoreEos ? [.. sampling.StopTokenIds] : [.. eosTokens, .. sampling.StopTokenIds];
        _endLogits = new float[_endTokens.Length];
        _biases = [.. sampling.LogitBias.Select(entry => (entry.Key, entry.Value))];
        _generator = new SeededGenerator(sampling.Seed is { } seed ? unchecked((ulong)seed) : Hash(promptIds), (ulong)choice);
        if (!sampling.HasPenalties) return;

        _penalties = new PenaltyState();
        if (sampling.RepetitionPenalty == 1f) return;
        foreach (var id in promptIds) _penalties.AddPrompt(id);
    }

    /// <summary>Gets the request's parameters.</summary>
    public SamplingParams Sampling { get; }

    /// <summary>Gets whether the next token is sampled from the model's own logits, without constraint, bias or penalties.</summary>
    internal bool LeavesLogits => _constraint is null && _penalties is null && _biases.Length == 0 && (OutputTokens >= Sampling.MinTokens || _endTokens.Length == 0);

    /// <summary>Gets the number of tokens sampled so far.</summary>
    public int OutputTokens { get; private set; }

    /// <summary>Whether <paramref name="id"/> ends the answer: end of sequence, unless ignored, or one of the request's stop tokens.</summary>
    public bool IsEnd(int id) => _endTokens.AsSpan().Contains(id);

    /// <summary>Counts a token of the answer.</summary>
    internal void Record(int id)
    {
        OutputTokens++;
        _penalties?.AddOutput(id);
        _constraint?.Accept(id);
    }

    /// <summary>
    /// Rules out what the constraint forbids, and the end while the answer is shorter than it must be; applies bias and penalties.
    /// </summary>
    internal void Adjust(Span<float> logits)
    {
        _constraint?.Mask(logits);
        if (OutputTokens < Sampling.MinTokens) RuleOutEnd(logits);

        foreach (var (id, bias) in _biases) logits[id] += bias;
        _penalties?.Apply(logits, Sampling);
    }

    /// <summary>Where a constraint leaves nothing but the end, the answer ends, however short.</summary>
    private void RuleOutEnd(Span<float> logits)
    {
        for (var i = 0; i < _endTokens.Length; i++) _endLogits[i] = logits[_endTokens[i]];
        foreach (var id in _endTokens) logits[id] = float.NegativeInfinity;
        if (_constraint is null || LogitKernels.Max(logits) != float.NegativeInfinity) return;
        for (var i = 0; i < _endTokens.Length; i++) logits[_endTokens[i]] = _endLogits[i];
    }

    /// <summary>What <see cref="NextDouble"/> will be.</summary>
    internal double PeekDouble()
    {
        var generator = _generator;
        return generator.NextDouble();
    }

    /// <summary>The sequence's next random number, in [0, 1).</summary>
    internal double NextDouble() => _generator.NextDouble();

    private static ulong Hash(ReadOnlySpan<int> ids)
    {
        var hash = (ulong)ids.Length;
        foreach (var id in ids)
        {
            hash ^= (uint)id;
            hash = SeededGenerator.SplitMix(ref hash);
        }

        return hash;
    }
}
