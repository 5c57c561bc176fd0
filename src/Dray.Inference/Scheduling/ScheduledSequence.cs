namespace Dray.Inference.Scheduling;

/// <summary>A sequence's part of a step.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="Tokens">How many of its tokens go through the model, from <see cref="Sequence.ComputedTokens"/> on.</param>
internal readonly record struct ScheduledSequence(Sequence Sequence, int Tokens)
{
    /// <summary>Gets whether the step reaches the sequence's last token, so that a next one is to be sampled.</summary>
    public bool Samples { get; } = Sequence.ComputedTokens + Tokens == Sequence.Tokens;
}
