using Dray.Quantization.Rounding;

namespace Dray.Quantization.Export;

/// <summary>
/// A quantized layer as the checkpoint stores it: codes and zero points as little-endian bit streams cut into 32-bit words, codes packed along K
/// and zero points along N (the layout of auto-round's <c>QuantLinear.pack</c>).
/// </summary>
/// <remarks>
/// <code>
///            n=0          n=1          n=2      ...          One word of 4-bit codes:
/// row 0   k0..k7       k0..k7       k0..k7                   bits  0-3 k0, 4-7 k1, ..., 28-31 k7
/// row 1   k8..k15      k8..k15      k8..k15
/// </code>
/// </remarks>
/// <param name="Codes"><c>qweight</c>, [K·bits/32, N].</param>
/// <param name="Zeros"><c>qzeros</c>, [G, N·bits/32].</param>
/// <param name="Scales"><c>scales</c>, [G, N].</param>
internal sealed record PackedWeight(uint[] Codes, uint[] Zeros, Half[] Scales)
{
    /// <summary>What N and K must be multiples of.</summary>
    public const int WordBits = 32;

    private const int TileOutputs = 16;

    /// <summary>Packs a layer. N and K must be multiples of 32, so that every stream fills whole words.</summary>
    /// <param name="weight">The layer.</param>
    /// <param name="zeroMinusOne">
    /// Whether words hold the zero point minus one (<c>auto_round:auto_gptq</c>), which a zero point of 0 is lost by: it is stored as 1, as
    /// upstream stores it.
    /// </param>
    public static PackedWeight Of(QuantizedWeight weight, bool zeroMinusOne)
    {
        if (weight.Outputs % WordBits != 0 || weight.Inputs % WordBits != 0)
            throw new ArgumentException($"A layer [{weight.Outputs}, {weight.Inputs}] doesn't fill whole words; expected multiples of {WordBits}.", nameof(weight));
        return new PackedWeight(PackCodes(weight), PackZeros(weight, zeroMinusOne ? 1 : 0), PackScales(weight));
    }

    /// <summary>Bytes of the three tensors of a layer.</summary>
    public static long BytesOf(int outputs, int inputs, WeightScheme scheme)
    {
        var groups = (long)scheme.Groups(inputs) * outputs;
        return ((long)outputs * inputs * scheme.Bits / 8) + (groups * scheme.Bits / 8) + (groups * sizeof(ushort));
    }

    // A tile's words of one row are a cache line, so that columns are written line by line and not value by value.
    private static uint[] PackCodes(QuantizedWeight weight)
    {
        var (outputs, inputs, bits) = (weight.Outputs, weight.Inputs, weight.Scheme.Bits);
        var words = new uint[(long)inputs * bits / WordBits * outputs];
        Parallel.For(0, outputs / TileOutputs, tile =>
        {
            for (var n = tile * TileOutputs; n < (tile + 1) * TileOutputs; n++)
                Pack(weight.Codes.AsSpan(n * inputs, inputs), bits, words, n, outputs);
        });
        return words;
    }

    private static uint[] PackZeros(QuantizedWeight weight, int offset)
    {
        var (outputs, groups, bits) = (weight.Outputs, weight.Groups, weight.Scheme.Bits);
        var width = outputs * bits / WordBits;
        var words = new uint[groups * width];
        var row = new byte[outputs];
        for (var group = 0; group < groups; group++)
        {
            for (var n = 0; n < outputs; n++) row[n] = (byte)Math.Max(weight.Zeros[(n * groups) + group] - offset, 0);
            Pack(row, bits, words, group * width, 1);
        }

        return words;
    }

    private static Half[] PackScales(QuantizedWeight weight)
    {
        var (outputs, groups) = (weight.Outputs, weight.Groups);
        var scales = new Half[groups * outputs];
        for (var group = 0; group < groups; group++)
        {
            for (var n = 0; n < outputs; n++) scales[(group * outputs) + n] = (Half)weight.Scales[(n * groups) + group];
        }

        return scales;
    }

    private static void Pack(ReadOnlySpan<byte> values, int bits, uint[] words, int start, int stride)
    {
        var (pending, filled) = (0UL, 0);
        foreach (var value in values)
        {
            pending |= (ulong)value << filled;
            filled += bits;
            if (filled < WordBits) continue;
            words[start] = (uint)pending;
            start += stride;
            pending >>= WordBits;
            filled -= WordBits;
        }
    }
}
