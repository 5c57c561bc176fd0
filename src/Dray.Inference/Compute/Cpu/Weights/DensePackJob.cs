using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Packs bf16 weights two to a word, and all others as float32, into the words of <see cref="PackedPart"/>.</summary>
internal readonly unsafe struct DensePackJob(LinearSource source, PackedPart part, PackProgress progress) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        var inputs = source.Inputs;
        var isBrainFloat = part.Code == WeightCode.BrainFloats;
        var raw = new byte[checked(TileUses.Width * inputs * (isBrainFloat ? 2 : 4))];
        for (int strip; (strip = progress.NextStrip()) < part.Strips;)
        {
            var first = strip * TileUses.Width;
            var count = Math.Min(TileUses.Width, source.Outputs - first);
            var words = (uint*)part.Words(strip, part.Segments[0]);
            if (isBrainFloat)
            {
                var rows = raw.AsSpan(0, count * inputs * 2);
                ((DenseLinear)source).ReadRaw(first, count, rows);
                PackBrainFloats(MemoryMarshal.Cast<byte, ushort>(rows), count, words);
            }
            else
            {
                var rows = MemoryMarshal.Cast<byte, float>(raw.AsSpan(0, count * inputs * 4));
                source.ReadRows(first, count, rows);
                PackFloats(rows, count, words);
            }
        }
    }

    private void PackBrainFloats(ReadOnlySpan<ushort> rows, int count, uint* words)
    {
        var inputs = source.Inputs;
        for (var n = 0; n < count; n++)
        {
            var row = rows.Slice(n * inputs, inputs);
            for (var k = 0; k < inputs; k += 2)
            {
                var next = k + 1 < inputs ? (uint)row[k + 1] << 16 : 0u;
                words[((nint)(k / 2) * TileUses.Width) + n] = next | row[k];
            }
        }
    }

    private void PackFloats(ReadOnlySpan<float> rows, int count, uint* words)
    {
        var inputs = source.Inputs;
        for (var n = 0; n < count; n++)
        {
            for (var k = 0; k < inputs; k++) words[((nint)k * TileUses.Width) + n] = BitConverter.SingleToUInt32Bits(rows[(n * inputs) + k]);
        }
    }
}
