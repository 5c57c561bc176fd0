namespace Dray.Inference;

/// <summary>A token of a prompt or an answer with its probability under the model's own logits.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Text">Its text; U+FFFD where it holds part of a character only.</param>
/// <param name="Bytes">Its UTF-8 bytes, whole or not.</param>
/// <param name="LogProb">Natural logarithm of its probability.</param>
/// <param name="Top">The most probable tokens at its place, best first, as many as were asked for.</param>
public sealed record TokenProbability(int Id, string Text, ReadOnlyMemory<byte> Bytes, float LogProb, IReadOnlyList<TokenProbability> Top);
