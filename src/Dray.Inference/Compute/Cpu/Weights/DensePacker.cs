using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Packs bf16 weights two to a word, and all others as float32, into the words of <see cref="PackedPart"/>: the rows of a strip, taken as
/// words, are transposed.
/// </summary>
internal sealed unsafe class DensePacker(LinearSource source, PackedPart part) : StripPacker(source.Outputs)
{
    public override void Pack(int first, int end)
    {
        var inputs = source.Inputs;
        var isBrainFloat = part.Code == WeightCode.BrainFloats;
        var rowBytes = inputs * (isBrainFloat ? sizeof(ushort) : sizeof(float));
        var raw = new byte[checked(WeightStrip.Width * rowBytes)];
        fixed (byte* rows = raw)
        {
            for (var strip = first; strip < end; strip++)
            {
                var (output, count) = Outputs(strip);
                var words = (uint*)part.Words(strip, part.Segments[0]);
                if (isBrainFloat) ((DenseLinear)source).ReadRaw(output, count, raw.AsSpan(0, count * rowBytes));
                else source.ReadRows(output, count, MemoryMarshal.Cast<byte, float>(raw.AsSpan(0, count * rowBytes)));
                WordTranspose.Run(rows, rowBytes, count, rowBytes / sizeof(uint), words);
                if (rowBytes % sizeof(uint) == 0) continue;

                // An odd number of bf16 inputs: the last word has one only.
                for (var n = 0; n < count; n++) words[((nint)(inputs / 2) * WeightStrip.Width) + n] = ((ushort*)(rows + ((nint)n * rowBytes)))[inputs - 1];
            }
        }
    }
}
