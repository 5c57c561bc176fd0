namespace Dray.Inference.Checkpoints;

/// <summary>A linear layer (or embedding) with 16- or 32-bit weights, [N, K] row-major in the checkpoint.</summary>
public abstract class DenseLinear(string name, int outputs, int inputs, DataType dtype) : LinearSource(name, outputs, inputs)
{
    /// <summary>Gets the element type: bf16, fp16 or fp32.</summary>
    public DataType DataType { get; } = dtype;

    /// <summary>Writes rows <paramref name="first"/>.. as they are stored, [count, K] elements of <see cref="DataType"/>.</summary>
    public abstract void ReadRaw(int first, int count, Span<byte> target);
}
