namespace Dray.Inference.Sampling;

/// <summary>A token and the natural logarithm of its probability under the model's own logits.</summary>
/// <param name="Id">Token id.</param>
/// <param name="LogProb">At most 0.</param>
public readonly record struct TokenLogProb(int Id, float LogProb);
