namespace Dray.Inference.Compute;

/// <summary>One sequence's part of a forward pass.</summary>
/// <param name="FirstToken">Row of its first token in the pass.</param>
/// <param name="Tokens">Its tokens in the pass (queries).</param>
/// <param name="ContextBefore">Its tokens already in the cache; query i sees the first ContextBefore + i + 1 tokens.</param>
/// <param name="FirstBlock">Where its blocks start in <see cref="AttentionLayout.BlockTable"/>.</param>
public readonly record struct SequenceSpan(int FirstToken, int Tokens, int ContextBefore, int FirstBlock);
