namespace Dray.Inference.Checkpoints;

/// <summary>A dense matrix as a safetensors file holds it, row-major; a convolution kernel counts as [N, all else].</summary>
internal sealed unsafe class StoredLinear : DenseLinear
{
    private readonly StoredTensor _tensor;
    private readonly int _rowBytes;

    public StoredLinear(string name, int outputs, int inputs, StoredTensor tensor, DataType type)
        : base(name, outputs, inputs, type)
    {
        _tensor = tensor;
        _rowBytes = inputs * Widening.SizeOf(type);
    }

    /// <inheritdoc/>
    public override void ReadRaw(int first, int count, Span<byte> target)
    {
        CheckRows(first, count);
        var bytes = checked(count * _rowBytes);
        _tensor.Read((long)first * _rowBytes, target[..bytes]);
    }

    /// <inheritdoc/>
    public override void ReadRows(int first, int count, Span<float> target)
    {
        CheckRows(first, count);
        for (var row = 0; row < count; row++)
        {
            var source = new ReadOnlySpan<byte>(_tensor.Address + ((long)(first + row) * _rowBytes), _rowBytes);
            Widening.ToSingle(DataType, source, target.Slice(row * Inputs, Inputs));
        }

        _tensor.Consume((long)count * _rowBytes, byRows: true);
    }

    private void CheckRows(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Outputs - first);
    }
}
