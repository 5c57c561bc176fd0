namespace Dray.Inference.Sampling;

/// <summary>Which tokens a sequence has seen and how often it produced them. Holds distinct tokens only.</summary>
internal sealed class PenaltyState
{
    private readonly Dictionary<int, int> _places = [];
    private readonly List<(int Id, int OutputCount)> _tokens = [];

    /// <summary>Notes a token of the prompt.</summary>
    public void AddPrompt(int id)
    {
        if (_places.TryAdd(id, _tokens.Count)) _tokens.Add((id, 0));
    }

    /// <summary>Counts a token of the answer.</summary>
    public void AddOutput(int id)
    {
        if (_places.TryGetValue(id, out var place))
        {
            _tokens[place] = (id, _tokens[place].OutputCount + 1);
            return;
        }

        _places.Add(id, _tokens.Count);
        _tokens.Add((id, 1));
    }

    /// <summary>Changes the logits of seen tokens: repetition over prompt and answer, frequency and presence over the answer.</summary>
    public void Apply(Span<float> logits, SamplingParams sampling)
    {
        foreach (var (id, count) in _tokens)
        {
            ref var logit = ref logits[id];
            logit = logit > 0 ? logit / sampling.RepetitionPenalty : logit * sampling.RepetitionPenalty;
            if (count == 0) continue;
            logit -= sampling.FrequencyPenalty * count;
            logit -= sampling.PresencePenalty;
        }
    }
}
