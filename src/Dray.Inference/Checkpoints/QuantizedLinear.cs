namespace Dray.Inference.Checkpoints;

/// <summary>
/// A group-quantised linear layer: <c>W[n, k] = scale[n, k / g] · (code[n, k] − zero[n, k / g])</c>. Packing variants of the format are
/// resolved: codes are 0..2^bits − 1 and zeros are the true zero points.
/// </summary>
public abstract class QuantizedLinear(string name, int outputs, int inputs, int bits, int groupSize) : LinearSource(name, outputs, inputs)
{
    /// <summary>Gets the bits of a code: 2, 3, 4 or 8.</summary>
    public int Bits { get; } = bits;

    /// <summary>Gets g, the inputs that share a scale; K where the checkpoint says -1. The last group may be shorter.</summary>
    public int GroupSize { get; } = groupSize;

    /// <summary>Gets G = ceil(K / g).</summary>
    public int Groups => (Inputs + GroupSize - 1) / GroupSize;

    /// <summary>Writes codes of outputs <paramref name="first"/>.., [count, K] row-major.</summary>
    public abstract void ReadCodes(int first, int count, Span<byte> codes);

    /// <summary>Writes scales, widened from fp16 and possibly negative, and true zero points of outputs <paramref name="first"/>.., [count, G] each.</summary>
    public abstract void ReadScales(int first, int count, Span<float> scales, Span<short> zeros);

    /// <inheritdoc/>
    public override void ReadRows(int first, int count, Span<float> target)
    {
        var codes = new byte[Inputs];
        var scales = new float[Groups];
        var zeros = new short[Groups];
        for (var row = 0; row < count; row++)
        {
            ReadCodes(first + row, 1, codes);
            ReadScales(first + row, 1, scales, zeros);
            for (var k = 0; k < Inputs; k++)
                target[(row * Inputs) + k] = scales[k / GroupSize] * (codes[k] - zeros[k / GroupSize]);
        }
    }
}
