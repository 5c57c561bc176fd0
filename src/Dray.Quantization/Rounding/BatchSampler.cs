using Dray.Quantization.Calibration;

namespace Dray.Quantization.Rounding;

/// <summary>
/// Hands out batches of samples: all of them in shuffled order, and when fewer than a batch are left, all of them shuffled anew; the rest is
/// dropped. AutoRound makes one for every block, which go on with the same random numbers.
/// </summary>
/// <param name="samples">How many samples there are.</param>
/// <param name="batchSize">Samples of a batch; with fewer samples than that, all of them are a batch.</param>
/// <param name="random">Where the order comes from.</param>
internal sealed class BatchSampler(int samples, int batchSize, PythonRandom random)
{
    private readonly int[] _order = [.. Enumerable.Range(0, samples)];
    private readonly int _size = Math.Min(batchSize, samples);
    private int _next = samples;

    /// <summary>The indices of the next batch, valid until the one after.</summary>
    public ReadOnlySpan<int> Next()
    {
        if (_next + _size > _order.Length)
        {
            random.Shuffle(_order.AsSpan());
            _next = 0;
        }

        _next += _size;
        return _order.AsSpan(_next - _size, _size);
    }
}
