using System.Buffers.Binary;
using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Packs codes of any checkpoint layout, a byte each, into the words of <see cref="PackedPart"/>.</summary>
internal sealed unsafe class CodePacker(QuantizedLinear source, PackedPart part) : StripPacker(source.Outputs)
{
    public override void Pack(int first, int end)
    {
        var inputs = source.Inputs;
        var perWord = PackedPart.PerWord(part.Code);
        var codes = new byte[checked(WeightStrip.Width * inputs)];
        for (var strip = first; strip < end; strip++)
        {
            var (output, count) = Outputs(strip);
            source.ReadCodes(output, count, codes.AsSpan(0, count * inputs));
            foreach (ref readonly var segment in part.Segments.AsSpan())
            {
                var words = (uint*)part.Words(strip, segment);
                for (var n = 0; n < count; n++)
                {
                    var row = codes.AsSpan((n * inputs) + segment.FirstInput, segment.Length);
                    for (var k = 0; k < row.Length; k += perWord)
                        words[((nint)(k / perWord) * WeightStrip.Width) + n] = Word(row[k..Math.Min(k + perWord, row.Length)], perWord);
                }
            }
        }
    }

    private static uint Word(ReadOnlySpan<byte> codes, int perWord)
    {
        ulong bytes = 0;
        if (codes.Length == sizeof(ulong)) bytes = BinaryPrimitives.ReadUInt64LittleEndian(codes);
        else for (var j = 0; j < codes.Length; j++) bytes |= (ulong)codes[j] << (8 * j);
        if (perWord == 4) return (uint)bytes;

        // Eight bytes with a nibble each, closed up in three steps.
        bytes = (bytes | (bytes >> 4)) & 0x00FF00FF00FF00FF;
        bytes = (bytes | (bytes >> 8)) & 0x0000FFFF0000FFFF;
        return (uint)(bytes | (bytes >> 16));
    }
}
