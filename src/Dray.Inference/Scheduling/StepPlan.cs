using System.Runtime.InteropServices;

namespace Dray.Inference.Scheduling;

/// <summary>What one forward pass computes. Reused from step to step.</summary>
internal sealed class StepPlan
{
    private readonly List<ScheduledSequence> _sequences = [];

    /// <summary>Gets the sequences in it; valid until the plan changes.</summary>
    public ReadOnlySpan<ScheduledSequence> Sequences => CollectionsMarshal.AsSpan(_sequences);

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

    public bool Contains(Sequence sequence)
    {
        foreach (var scheduled in _sequences)
        {
            if (scheduled.Sequence == sequence) return true;
        }

        return false;
    }
}
