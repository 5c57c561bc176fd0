using Dray.Inference.Checkpoints;

namespace Dray.Tests.Compute;

/// <summary>A quantised layer made up from a seed: positive and negative scales, and zero points in the middle or anywhere in 0..2^bits.</summary>
public sealed class InMemoryQuantized : QuantizedLinear
{
    private readonly byte[] _codes;
    private readonly float[] _scales;
    private readonly short[] _zeros;

    public InMemoryQuantized(int seed, int outputs, int inputs, int bits, int groupSize, bool symmetric = true)
        : base($"quantized-{bits}", outputs, inputs, bits, groupSize)
    {
        var random = new Random(seed);
        _codes = new byte[outputs * inputs];
        for (var i = 0; i < _codes.Length; i++) _codes[i] = (byte)random.Next(1 << bits);
        _scales = new float[outputs * Groups];
        _zeros = new short[outputs * Groups];
        for (var i = 0; i < _scales.Length; i++)
        {
            _scales[i] = (float)(Half)((random.NextSingle() - 0.3f) / (1 << bits));
            _zeros[i] = (short)(symmetric ? 1 << (bits - 1) : random.Next((1 << bits) + 1));
        }
    }

    public override void ReadCodes(int first, int count, Span<byte> codes) => _codes.AsSpan(first * Inputs, count * Inputs).CopyTo(codes);

    public override void ReadGroup(int group, int first, Span<float> scales, Span<short> zeros)
    {
        for (var n = 0; n < scales.Length; n++)
        {
            scales[n] = _scales[((first + n) * Groups) + group];
            zeros[n] = _zeros[((first + n) * Groups) + group];
        }
    }
}
