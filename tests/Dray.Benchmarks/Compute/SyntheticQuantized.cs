using Dray.Inference.Checkpoints;

namespace Dray.Benchmarks.Compute;

/// <summary>A 4-bit layer of any size whose codes follow from their place.</summary>
internal sealed class SyntheticQuantized(int outputs, int inputs, int groupSize) : QuantizedLinear("synthetic", outputs, inputs, 4, groupSize)
{
    public override void ReadCodes(int first, int count, Span<byte> codes)
    {
        var state = (uint)first + 1;
        for (var i = 0; i < codes.Length; i++)
        {
            state = (state * 1664525) + 1013904223;
            codes[i] = (byte)(state >> 28);
        }
    }

    public override void ReadGroup(int group, int first, Span<float> scales, Span<short> zeros)
    {
        scales.Fill(0.01f);
        zeros.Fill(8);
    }
}
