namespace Dray.Quantization.Evaluation;

/// <summary>What a base generated from a prompt, greedily and past any end of sequence, and the logits that it chose by.</summary>
/// <param name="Prompt">The prompt's tokens.</param>
/// <param name="Generated">The tokens generated.</param>
/// <param name="Gaps">For each of them, how far its logit was above the second greatest: a tiny one may go either way on another machine.</param>
/// <param name="Logits">The logits that each was chosen by, [tokens, vocabulary].</param>
internal sealed record Trajectory(int[] Prompt, int[] Generated, float[] Gaps, float[] Logits)
{
    /// <summary>The logits of a step.</summary>
    public ReadOnlySpan<float> LogitsOf(int step)
    {
        var vocabulary = Logits.Length / Generated.Length;
        return Logits.AsSpan(step * vocabulary, vocabulary);
    }
}
