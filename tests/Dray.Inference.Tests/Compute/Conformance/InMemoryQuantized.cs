using Dray.Inference.Checkpoints;

namespace Dray.Tests.Compute;

/// <summary>A quantised layer made up from a seed: positive and negative scales, and zero points in the middle or anywhere in 0..2^bits.</summary>
public sealed class InMemoryQuantized : QuantizedLinear
{
    private readonly byte[] codes;
    private readonly float[] scales;
    private readonly short[] zeros;

    public InMemoryQuantized(int seed, int outputs, int inputs, int bits, int groupSize, bool symmetric = true)
        : base($"quantized-{bits}", outputs, inputs, bits, groupSize)
    {
        var random = new Random(seed);
        codes = new byte[outputs * inputs];
        for (var i = 0; i < codes.Length; i++) codes[i] = (byte)random.Next(1 << bits);
        scales = new float[outputs * Groups];
        zeros = new short[outputs * Groups];
        for (var i = 0; i < scales.Length; i++)
        {
            scales[i] = (float)(Half)((random.NextSingle() - 0.3f) / (1 << bits));
            zeros[i] = (short)(symmetric ? 1 << (bits - 1) : random.Next((1 << bits) + 1));
        }
    }

    public override void ReadCodes(int first, int count, Span<byte> codes) => this.codes.AsSpan(first * Inputs, count * Inputs).CopyTo(codes);

    public override void ReadScales(int first, int count, Span<float> scales, Span<short> zeros)
    {
        this.scales.AsSpan(first * Groups, count * Groups).CopyTo(scales);
        this.zeros.AsSpan(first * Groups, count * Groups).CopyTo(zeros);
    }
}
