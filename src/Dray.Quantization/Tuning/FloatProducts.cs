using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Quantization.Tuning;

/// <summary>Products by the backend's own <see cref="IComputeBackend.MatMul"/>, as exact as that is; every operand is packed anew, so they are slow.</summary>
internal sealed class FloatProducts(IComputeBackend backend) : LinearProducts
{
    private float[] _weight = [];
    private WeightMatrix? _forward;
    private WeightMatrix? _backward;
    private Tensor _x;

    /// <inheritdoc/>
    public override void Load(IReadOnlyList<LinearSource> parts)
    {
        Clear();
        var inputs = parts[0].Inputs;
        var outputs = parts.Sum(part => part.Outputs);
        if (_weight.Length != outputs * inputs) _weight = new float[outputs * inputs];
        var rest = _weight.AsSpan();
        foreach (var part in parts)
        {
            part.ReadRows(0, part.Outputs, rest);
            rest = rest[(part.Outputs * inputs)..];
        }

        _forward = backend.LoadMatrix(parts);
        _backward = LoadTransposed(_weight, outputs, inputs);
    }

    /// <inheritdoc/>
    public override void Forward(Tensor x, Tensor y)
    {
        _x = x;
        backend.MatMul(x, _forward!, y);
    }

    /// <inheritdoc/>
    public override void Backward(Tensor dy, Tensor? dx, bool accumulateDx, Tensor dw, bool accumulateDw)
    {
        if (dx is { } gradient) backend.MatMul(dy, _backward!, gradient, accumulateDx);
        using var inputs = LoadTransposed(Download(_x), _x.Rows, _x.Columns);
        using var outputs = backend.Allocate(dy.Columns, dy.Rows);
        backend.Upload(Transpose(Download(dy), dy.Rows, dy.Columns), outputs.View);
        backend.MatMul(outputs.View, inputs, dw, accumulateDw);
    }

    /// <inheritdoc/>
    public override void Dispose() => Clear();

    private void Clear()
    {
        _forward?.Dispose();
        _backward?.Dispose();
        (_forward, _backward) = (null, null);
    }

    private WeightMatrix LoadTransposed(float[] values, int rows, int columns) =>
        backend.LoadMatrix([new FloatLinear("transposed", columns, rows, Transpose(values, rows, columns))]);

    private float[] Download(Tensor tensor)
    {
        var values = new float[tensor.Rows * tensor.Columns];
        backend.Download(tensor, values);
        return values;
    }

    private static float[] Transpose(float[] values, int rows, int columns)
    {
        var transposed = new float[values.Length];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++) transposed[(j * rows) + i] = values[(i * columns) + j];
        }

        return transposed;
    }
}
