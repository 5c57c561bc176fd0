namespace Dray.Inference.Scheduling;

/// <summary>What one forward pass computes. Reused from step to step.</summary>
internal sealed class StepPlan
{
    private readonly List<ScheduledSequence> sequences = [];

    /// <summary>Gets the sequences in it.</summary>
    public IReadOnlyList<ScheduledSequence> Sequences => sequences;

    /// <summary>Gets the tokens of all of them together.</summary>
    public int Tokens { get; private set; }

    public void Clear()
    {
        sequences.Clear();
        Tokens = 0;
    }

    public void Add(Sequence sequence, int tokens)
    {
        sequences.Add(new ScheduledSequence(sequence, tokens));
        Tokens += tokens;
    }
}
