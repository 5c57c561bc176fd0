using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Quantization.Tuning;

/// <summary>Products by the backend's own <see cref="IComputeBackend.MatMul"/>, as exact as that is; every operand is packed anew, so they are slow.</summary>
internal sealed class FloatProducts(IComputeBackend backend) : LinearProducts
{
    private LinearSource[] _parts = [];
    private WeightMatrix? _forward;
    private WeightMatrix? _backward;
    private Tensor _x;

    /// <inheritdoc/>
    public override void Load(IReadOnlyList<LinearSource> parts)
    {
        Clear();
        _parts = [.. parts];
        _forward = backend.LoadMatrix(parts);
    }

    /// <inheritdoc/>
    public override void Forward(Tensor x, Tensor y, bool isDraft)
    {
        _x = x;
        backend.MatMul(x, _forward!, y);
    }

    /// <inheritdoc/>
    public override void Backward(Tensor dy, Tensor? dx, bool accumulateDx, Tensor dw, bool accumulateDw)
    {
        if (dx is { } gradient)
        {
            _backward ??= LoadTransposed(Weights(), dy.Columns, _x.Columns);
            backend.MatMul(dy, _backward, gradient, accumulateDx);
        }

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

    private float[] Weights()
    {
        var weights = new float[_parts.Sum(part => part.Outputs * part.Inputs)];
        ReadWeights(_parts, weights);
        return weights;
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
