namespace Dray.Quantization.Evaluation;

/// <summary>How far a model's distribution is from the base's after one token, in nats.</summary>
/// <param name="Full">KL(base || model) over the whole vocabulary.</param>
/// <param name="Api">
/// Over the base's 20 most probable tokens, with what a server's <c>logprobs: 20</c> tells of the model: a token that isn't among the model's own
/// 20 has the probability of its 20th.
/// </param>
/// <param name="Raw">Over the base's 20 most probable tokens, nothing renormalised: a partial sum, which can be negative.</param>
/// <param name="Renormalised">Over the base's 20 most probable tokens, both distributions renormalised over them.</param>
/// <param name="SameTop">Whether both have the same most probable token.</param>
/// <param name="DeltaP">The model's probability of the actual next token less the base's; null where the chunk has no next token.</param>
public readonly record struct KldPosition(double Full, double Api, double Raw, double Renormalised, bool SameTop, double? DeltaP);
