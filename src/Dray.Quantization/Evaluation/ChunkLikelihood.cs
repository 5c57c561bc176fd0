namespace Dray.Quantization.Evaluation;

/// <summary>Sums of negative log-likelihood over one chunk, in nats.</summary>
/// <param name="SecondHalf">Over the tokens that the positions context/2 .. context-2 predict.</param>
/// <param name="All">Over all tokens but the first.</param>
public readonly record struct ChunkLikelihood(double SecondHalf, double All);
