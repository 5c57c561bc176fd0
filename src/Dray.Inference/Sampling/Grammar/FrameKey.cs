namespace Dray.Inference.Sampling.Grammar;

/// <summary>What makes a stack entry: two with the same key are the same <see cref="Frame"/>.</summary>
/// <param name="Parent">The entry below, or null.</param>
/// <param name="Continuation">The state to come back to; −1 for one whose lower stack isn't known.</param>
/// <param name="Needed">For a loop: the rounds it still must do.</param>
/// <param name="Left">For a loop: the rounds it still may do; −1 for a rule.</param>
internal readonly record struct FrameKey(Frame? Parent, int Continuation, int Needed, int Left)
{
    /// <summary>Gets whether it is a rule's, not a loop's.</summary>
    public bool IsRule => Left < 0;
}
