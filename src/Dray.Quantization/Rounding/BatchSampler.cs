namespace Dray.Quantization.Rounding;

/// <summary>
/// Hands out batches of samples: all of them in shuffled order, and when fewer than a batch are left, all of them shuffled anew; the rest is
/// dropped.
/// </summary>
/// <param name="samples">How many samples there are.</param>
/// <param name="batchSize">Samples of a batch; with fewer samples than that, all of them are a batch.</param>
/// <param name="shuffle">Shuffles indices in place.</param>
internal sealed class BatchSampler(int samples, int batchSize, Action<int[]> shuffle)
{
    private readonly int[] _order = [.. Enumerable.Range(0, samples)];
    private readonly int _size = Math.Min(batchSize, samples);
    private int _next = samples;

    /// <summary>The indices of the next batch, valid until the one after.</summary>
    public ReadOnlySpan<int> Next()
    {
        if (_next + _size > _order.Length)
        {
            shuffle(_order);
            _next = 0;
        }

        _next += _size;
        return _order.AsSpan(_next - _size, _size);
    }
}
