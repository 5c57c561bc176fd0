namespace Dray.Inference.Scheduling;

/// <summary>What one forward pass computes. Reused from step to step.</summary>
internal sealed class StepPlan
{
    private readonly List<ScheduledSequence> _sequences = [];

    /// <summary>Gets the sequences in it.</summary>
    public IReadOnlyList<ScheduledSequence> Sequences => _sequences;

    /// <summary>Gets the tokens of all of them together.</summary>
    public int Tokens { get; private set; }

    public void Clear()
    {
        _sequences.Clear();
        Tokens = 0;
    }

    public void Add(Sequence sequence, int tokens)
    {
        _sequences.Add(new ScheduledSequence(sequence, tokens));
        Tokens += tokens;
    }
}
