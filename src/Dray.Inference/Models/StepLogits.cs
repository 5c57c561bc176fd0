using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// The logits of one step, a row per sequence that samples. Where the backend reduces them, only what is asked for leaves the device;
/// else all of them are here. Valid until the next step.
/// </summary>
internal sealed class StepLogits(IComputeBackend backend, int vocabulary)
{
    private readonly TopLogits _top = new();
    private Tensor _logits;
    private float[] _values = [];
    private bool _isReduced;

    /// <summary>Gets the number of rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Gets each row's greatest logits, or null where the whole rows are here anyway.</summary>
    public TopLogits? Top
    {
        get
        {
            if (!backend.ReducesLogits) return null;
            if (!_isReduced) backend.ReduceLogits(_logits, _top);
            _isReduced = true;
            return _top;
        }
    }

    /// <summary>Takes a step's logits [S, vocabulary], or notes that no sequence samples.</summary>
    public void Take(Tensor logits)
    {
        (_logits, _isReduced, Rows) = (logits, false, logits.Rows);
        var needed = (backend.ReducesLogits ? 1 : logits.Rows) * vocabulary;
        if (_values.Length < needed) _values = new float[needed];
        if (!backend.ReducesLogits && Rows > 0) backend.Download(logits, _values.AsSpan(0, needed));
    }

    /// <summary>A whole row, free to be changed. Valid until the next row is asked for.</summary>
    public Span<float> Row(int row)
    {
        if (!backend.ReducesLogits) return _values.AsSpan(row * vocabulary, vocabulary);
        backend.Download(_logits.SliceRows(row, 1), _values.AsSpan(0, vocabulary));
        return _values.AsSpan(0, vocabulary);
    }
}
