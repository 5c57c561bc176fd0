namespace Dray.Inference.Compute.Cpu;

/// <summary>A tensor view as a kernel sees it. The tensor's buffer must be kept alive meanwhile.</summary>
internal readonly unsafe struct RowView
{
    private readonly float* _first;
    private readonly nint _stride;

    public RowView(Tensor tensor)
    {
        _first = tensor.Rows == 0 ? null : HostTensorBuffer.Row(tensor, 0);
        _stride = tensor.Buffer.Columns;
        Rows = tensor.Rows;
        Columns = tensor.Columns;
    }

    public int Rows { get; }

    public int Columns { get; }

    public nint Stride => _stride;

    public float* Row(int row) => _first + (row * _stride);
}
