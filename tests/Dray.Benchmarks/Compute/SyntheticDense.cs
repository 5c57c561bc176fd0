using Dray.Inference.Checkpoints;

namespace Dray.Benchmarks.Compute;

/// <summary>A bf16 layer of any size.</summary>
internal sealed class SyntheticDense(int outputs, int inputs) : DenseLinear("synthetic", outputs, inputs, DataType.BFloat16)
{
    public override void ReadRows(int first, int count, Span<float> target) => target.Fill(0.0625f);

    public override void ReadRaw(int first, int count, Span<byte> target)
    {
        for (var i = 0; i < target.Length; i += 2) (target[i], target[i + 1]) = (0x80, 0x3D);
    }
}
