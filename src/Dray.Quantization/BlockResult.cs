using Dray.Quantization.Rounding;

namespace Dray.Quantization;

/// <summary>What became of a decoder block.</summary>
/// <param name="Weights">The quantized layers by their name within the block.</param>
/// <param name="Losses">The loss at each iteration of tuning, per token as AutoRound prints it; empty where nothing was tuned.</param>
/// <param name="BestIteration">The iteration whose parameters were kept; 0 where nothing was tuned.</param>
/// <param name="Warning">What the operator should know, as a sentence, such as that tuning failed and the block was rounded to nearest; null for nothing.</param>
public sealed record BlockResult(IReadOnlyDictionary<string, QuantizedWeight> Weights, IReadOnlyList<double> Losses, int BestIteration, string? Warning);
