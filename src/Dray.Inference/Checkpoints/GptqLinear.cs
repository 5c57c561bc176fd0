using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dray.Inference.Checkpoints;

/// <summary>Codes packed along K: a little-endian bit stream per output, whose 32-bit words lie in <c>qweight</c> [K·bits/32, N].</summary>
/// <remarks>
/// <code>
///            n=0          n=1          n=2      ...          One word of 4-bit codes:
/// row 0   k0..k7       k0..k7       k0..k7                   bits  0-3 k0, 4-7 k1, ..., 28-31 k7
/// row 1   k8..k15      k8..k15      k8..k15
/// </code>
/// A strip of outputs is unpacked in tiles of 16 outputs by 64 inputs: a tile's row segments are one cache line each, and each output
/// receives one whole cache line of codes.
/// </remarks>
internal sealed unsafe class GptqLinear(
    string name, int outputs, int inputs, int bits, int groupSize, PackedTensors tensors, bool zeroMinusOne)
    : PackedLinear(name, outputs, inputs, bits, groupSize, tensors, zeroMinusOne ? 1 : 0)
{
    private const int TileOutputs = 16;
    private const int TileOctets = 8;
    private const int WidestCode = 8;

    /// <inheritdoc/>
    public override bool HoldsWords => Bits is 4 or 8;

    /// <inheritdoc/>
    public override void ReadWords(int first, int count, int row, Span<uint> target, int stride)
    {
        var rows = target.Length / stride;
        CheckStrip(first, count, 1, stride);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(row, (Inputs * Bits / 32) - rows);
        var source = Codes.Address + ((((long)row * Outputs) + first) * sizeof(uint));
        for (var i = 0; i < rows; i++, source += (long)Outputs * sizeof(uint))
            new ReadOnlySpan<byte>(source, count * sizeof(uint)).CopyTo(MemoryMarshal.AsBytes(target.Slice(i * stride, count)));
        Codes.Consume((long)rows * count * sizeof(uint), byRows: false);
    }

    /// <inheritdoc/>
    public override void ReadCodes(int first, int count, Span<byte> codes)
    {
        CheckStrip(first, count, Inputs, codes.Length);
        var source = Codes.Address;
        var spread = new CodeSpread(Bits);
        var octets = Inputs / 8;

        // One word more than a tile of the widest codes has, so that an octet may always be read from two words.
        var tile = stackalloc uint[((TileOctets * WidestCode / 4) + 1) * TileOutputs];
        fixed (byte* target = codes)
        {
            for (var column = 0; column < count; column += TileOutputs)
            {
                var columns = Math.Min(TileOutputs, count - column);
                for (var octet = 0; octet < octets; octet += TileOctets)
                {
                    var tileOctets = Math.Min(TileOctets, octets - octet);
                    var words = ((tileOctets * Bits) + 3) / 4;
                    var row = source + ((((long)octet * Bits / 4 * Outputs) + first + column) * sizeof(uint));
                    for (var word = 0; word < words; word++, row += (long)Outputs * sizeof(uint))
                        Unsafe.CopyBlockUnaligned(tile + (word * TileOutputs), row, (uint)columns * sizeof(uint));

                    var start = target + ((long)column * Inputs) + (octet * 8);
                    if (Bits == 4)
                        UnpackNibbles(tile, columns, tileOctets, start, spread);
                    else
                        Unpack(tile, columns, tileOctets, start, spread);
                }
            }
        }

        Codes.Consume((long)count * Inputs * Bits / 8, byRows: false);
    }

    /// <inheritdoc/>
    protected override long ZeroBit(int output) => (long)output * Bits;

    private void UnpackNibbles(uint* tile, int columns, int octets, byte* target, CodeSpread spread)
    {
        for (var column = 0; column < columns; column++, target += Inputs)
        {
            for (var octet = 0; octet < octets; octet++)
                Unsafe.WriteUnaligned(target + (octet * 8), spread.Spread(tile[(octet * TileOutputs) + column]));
        }
    }

    private void Unpack(uint* tile, int columns, int octets, byte* target, CodeSpread spread)
    {
        for (var column = 0; column < columns; column++, target += Inputs)
        {
            for (var octet = 0; octet < octets; octet++)
            {
                // 8 codes are as many bytes of the output's stream as a code has bits.
                var word = tile + (octet * Bits / 4 * TileOutputs) + column;
                var pair = ((ulong)word[TileOutputs] << 32) | word[0];
                Unsafe.WriteUnaligned(target + (octet * 8), spread.Spread(pair >> (octet * Bits % 4 * 8)));
            }
        }
    }
}
