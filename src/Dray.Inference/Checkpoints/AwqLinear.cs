using System.Runtime.CompilerServices;

namespace Dray.Inference.Checkpoints;

/// <summary>4-bit codes packed along N: <c>qweight</c> [K, N/8], where a word holds 8 outputs of one input, interleaved.</summary>
/// <remarks>
/// <code>
/// nibble of a word   0  1  2  3  4  5  6  7
/// output 8c + ...    0  2  4  6  1  3  5  7
/// </code>
/// </remarks>
internal sealed unsafe class AwqLinear(string name, int outputs, int inputs, int groupSize, PackedTensors tensors)
    : PackedLinear(name, outputs, inputs, 4, groupSize, tensors, zeroBias: 0)
{
    private static readonly CodeSpread Nibbles = new(4);

    private static ReadOnlySpan<byte> NibbleOf => [0, 4, 1, 5, 2, 6, 3, 7];

    /// <inheritdoc/>
    public override void ReadCodes(int first, int count, Span<byte> codes)
    {
        CheckStrip(first, count, Inputs, codes.Length);
        var words = Outputs / 8;
        var source = Codes.Address;
        var square = stackalloc ulong[8];
        fixed (byte* target = codes)
        {
            for (var word = first / 8; word * 8 < first + count; word++)
            {
                for (var k = 0; k < Inputs; k += 8)
                {
                    for (var i = 0; i < 8; i++)
                        square[i] = Nibbles.Spread(Unsafe.ReadUnaligned<uint>(source + ((((long)k + i) * words) + word) * sizeof(uint)));
                    Transpose(square);
                    for (var output = 0; output < 8; output++)
                    {
                        var row = (word * 8) + output - first;
                        if (row >= 0 && row < count)
                            Unsafe.WriteUnaligned(target + ((long)row * Inputs) + k, square[NibbleOf[output]]);
                    }
                }
            }
        }

        Codes.Consume((long)count * Inputs / 2, byRows: false);
    }

    /// <inheritdoc/>
    protected override long ZeroBit(int output) => ((long)(output / 8) * 32) + (NibbleOf[output % 8] * 4);

    /// <summary>Transposes 8 × 8 bytes by swapping blocks of 4, 2 and 1.</summary>
    private static void Transpose(ulong* square)
    {
        for (var i = 0; i < 4; i++)
            Swap(ref square[i], ref square[i + 4], 32, 0x0000_0000_FFFF_FFFFUL);
        for (var i = 0; i < 8; i += i % 4 == 1 ? 3 : 1)
            Swap(ref square[i], ref square[i + 2], 16, 0x0000_FFFF_0000_FFFFUL);
        for (var i = 0; i < 8; i += 2)
            Swap(ref square[i], ref square[i + 1], 8, 0x00FF_00FF_00FF_00FFUL);
    }

    private static void Swap(ref ulong upper, ref ulong lower, int shift, ulong mask)
    {
        var difference = ((upper >> shift) ^ lower) & mask;
        lower ^= difference;
        upper ^= difference << shift;
    }
}
