using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>A segment's keys and values of one head in float32 tensors.</summary>
internal readonly struct SegmentSource(DeviceTensor k, DeviceTensor v, int firstRow, int rows, int firstColumn, int headDim) : IKeyValueSource
{
    public long KeyAt(int position) => ((long)(firstRow + position) * k.Stride) + firstColumn;

    public Quad Key(long at, int d) => new(
        k.Data[at + d],
        d + 1 < headDim ? k.Data[at + d + 1] : 0,
        d + 2 < headDim ? k.Data[at + d + 2] : 0,
        d + 3 < headDim ? k.Data[at + d + 3] : 0);

    public float KeyScale(int position) => 1;

    public Quad Values(int position, int d) => new(Value(position, d), Value(position + 1, d), Value(position + 2, d), Value(position + 3, d));

    public float ValueScale(int position) => 1;

    private float Value(int position, int d) => position < rows ? v.Data[((long)(firstRow + position) * v.Stride) + firstColumn + d] : 0;
}
