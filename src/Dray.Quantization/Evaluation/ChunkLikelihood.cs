namespace Dray.Quantization.Evaluation;

/// <summary>Sums of negative log-likelihood over one chunk, in nats.</summary>
/// <param name="SecondHalf">Over the tokens that the positions context/2 .. context-2 predict.</param>
/// <param name="All">Over all tokens but the first.</param>
public readonly record struct ChunkLikelihood(double SecondHalf, double All)
{
    /// <summary>Adds up a chunk.</summary>
    /// <param name="positions">The negative log-likelihood of the token after each position; the last position has none.</param>
    /// <param name="chunk">The chunk's number, for the message.</param>
    /// <exception cref="EvaluationException">The sum isn't a number.</exception>
    internal static ChunkLikelihood Of(ReadOnlySpan<double> positions, int chunk)
    {
        var (half, all) = (0.0, 0.0);
        for (var i = 0; i < positions.Length - 1; i++)
        {
            all += positions[i];
            if (i >= positions.Length / 2) half += positions[i];
        }

        return double.IsFinite(all) ? new ChunkLikelihood(half, all) : throw new EvaluationException(
            $"The model's logits in chunk {chunk} of the text aren't all finite numbers; its weights are damaged, or overflow in this arithmetic.");
    }
}
