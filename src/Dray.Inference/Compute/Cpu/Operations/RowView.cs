namespace Dray.Inference.Compute.Cpu;

/// <summary>A tensor view as a kernel sees it. The tensor's buffer must be kept alive meanwhile.</summary>
internal readonly unsafe struct RowView
{
    private readonly float* first;
    private readonly nint stride;

    public RowView(Tensor tensor)
    {
        first = tensor.Rows == 0 ? null : HostTensorBuffer.Row(tensor, 0);
        stride = tensor.Buffer.Columns;
        Rows = tensor.Rows;
        Columns = tensor.Columns;
    }

    public int Rows { get; }

    public int Columns { get; }

    public nint Stride => stride;

    public float* Row(int row) => first + (row * stride);
}
