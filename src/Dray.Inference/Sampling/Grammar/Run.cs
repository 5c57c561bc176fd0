namespace Dray.Inference.Sampling.Grammar;

/// <summary>One of the ways in which the grammar may have read what was written so far.</summary>
/// <param name="State">A state of the automaton.</param>
/// <param name="Frame">The top of its stack, or null for an empty one.</param>
internal readonly record struct Run(int State, Frame? Frame) : IComparable<Run>
{
    public int CompareTo(Run other)
    {
        var order = State.CompareTo(other.State);
        return order != 0 ? order : (Frame?.Id ?? -1).CompareTo(other.Frame?.Id ?? -1);
    }
}
