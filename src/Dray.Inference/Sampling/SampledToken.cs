namespace Dray.Inference.Sampling;

/// <summary>One step's token.</summary>
/// <param name="Id">Token id.</param>
/// <param name="LogProb">Its log-probability before bias, penalties and temperature; NaN where none was asked for.</param>
/// <param name="Top">The most probable tokens, best first, as many as were asked for.</param>
public readonly record struct SampledToken(int Id, float LogProb, IReadOnlyList<TokenLogProb> Top);
