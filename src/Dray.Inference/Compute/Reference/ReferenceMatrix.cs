namespace Dray.Inference.Compute.Reference;

/// <summary>A weight matrix dequantised to float32, [N, K] row-major.</summary>
internal sealed class ReferenceMatrix(int outputs, int inputs) : WeightMatrix(outputs, inputs)
{
    private readonly float[] _data = new float[checked(outputs * inputs)];

    public override long Bytes => (long)_data.Length * sizeof(float);

    public Span<float> Rows(int first, int count) => _data.AsSpan(first * Inputs, count * Inputs);

    protected override void Dispose(bool disposing)
    {
    }
}
