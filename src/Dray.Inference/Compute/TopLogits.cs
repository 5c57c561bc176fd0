namespace Dray.Inference.Compute;

/// <summary>
/// What sampling mostly needs of rows of logits: each row's greatest, and the divisor of its softmax. Reused from step to step.
/// </summary>
public sealed class TopLogits
{
    /// <summary>The greatest logits told per row, at most.</summary>
    public const int MostCount = 64;

    private int[] _ids = [];
    private float[] _values = [];
    private float[] _sums = [];
    private float[] _hostRow = [];

    /// <summary>Gets the number of rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Gets how many of each row's logits are told.</summary>
    public int Count { get; private set; }

    /// <summary>Gets, per row, <see cref="Count"/> token ids: by logit, greatest first, equals by id, lowest first. Where a row holds NaN they mean nothing.</summary>
    public Span<int> Ids => _ids.AsSpan(0, Rows * Count);

    /// <summary>Gets the logits of <see cref="Ids"/>.</summary>
    public Span<float> Values => _values.AsSpan(0, Rows * Count);

    /// <summary>
    /// Gets, per row, <c>Σ exp(logit − greatest)</c>, to a relative error of 1e-5. It isn't finite where a row holds NaN or +∞, or nothing but −∞.
    /// </summary>
    public Span<float> Sums => _sums.AsSpan(0, Rows);

    /// <summary>Makes room for <paramref name="rows"/> rows over <paramref name="vocabulary"/> tokens.</summary>
    public void Reset(int rows, int vocabulary)
    {
        (Rows, Count) = (rows, Math.Min(MostCount, vocabulary));
        if (_sums.Length >= rows && _ids.Length >= rows * Count) return;
        (_ids, _values, _sums) = (new int[rows * Count], new float[rows * Count], new float[rows]);
    }

    /// <summary>The ids of one row.</summary>
    public Span<int> RowIds(int row) => _ids.AsSpan(row * Count, Count);

    /// <summary>The logits of one row.</summary>
    public Span<float> RowValues(int row) => _values.AsSpan(row * Count, Count);

    /// <summary>Room for a whole row of logits.</summary>
    internal Span<float> HostRow(int vocabulary)
    {
        if (_hostRow.Length < vocabulary) _hostRow = new float[vocabulary];
        return _hostRow.AsSpan(0, vocabulary);
    }

    /// <summary>Fills one row from logits in the host's memory.</summary>
    internal void Read(int row, ReadOnlySpan<float> logits)
    {
        var ids = RowIds(row);
        var values = RowValues(row);
        var filled = 0;
        for (var id = 0; id < logits.Length; id++)
        {
            var value = logits[id];
            if (filled == Count && !(value > values[^1])) continue;
            if (filled < Count) filled++;
            var place = filled - 1;
            for (; place > 0 && value > values[place - 1]; place--) (ids[place], values[place]) = (ids[place - 1], values[place - 1]);
            (ids[place], values[place]) = (id, value);
        }

        var sum = 0.0;
        foreach (var value in logits) sum += Math.Exp(value - values[0]);
        _sums[row] = (float)sum;
    }
}
