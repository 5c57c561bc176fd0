using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>Puts weights into fragment order (see <see cref="FragmentLayout"/>), some strips of 16 outputs at a time, on all cores.</summary>
/// <remarks>A group whose scale is zero gets codes of zero and a scale of one: the kernel divides by scales.</remarks>
internal static class FragmentPacker
{
    private const int Rows = 16;

    /// <summary>Bytes that are packed at a time, at most, unless a single strip has more.</summary>
    private const int Staged = 16 << 20;

    /// <summary>Packs the parts, one after another along the outputs.</summary>
    public static void Pack(IReadOnlyList<LinearSource> parts, FragmentLayout layout, PackedBytes target)
    {
        var atOnce = Math.Clamp(Staged / layout.StripBytes, 1, layout.Strips);
        var weights = new byte[atOnce * layout.StripBytes];
        var scales = new byte[atOnce * layout.StripScaleBytes];
        for (var strip = 0; strip < layout.Strips; strip += atOnce)
        {
            var (first, count) = (strip, Math.Min(atOnce, layout.Strips - strip));
            Parallel.For(0, count, i =>
            {
                var words = MemoryMarshal.Cast<byte, uint>(weights.AsSpan(i * layout.StripBytes, layout.StripBytes));
                if (layout.Kind == FragmentKind.Dense) PackDense(parts, layout, first + i, words);
                else PackNibbles(parts, layout, first + i, words, MemoryMarshal.Cast<byte, uint>(scales.AsSpan(i * layout.StripScaleBytes, layout.StripScaleBytes)));
            });
            target((long)first * layout.StripBytes, weights.AsSpan(0, count * layout.StripBytes));
            if (scales.Length > 0) target(layout.WeightBytes + ((long)first * layout.StripScaleBytes), scales.AsSpan(0, count * layout.StripScaleBytes));
        }
    }

    private static void PackNibbles(IReadOnlyList<LinearSource> parts, FragmentLayout layout, int strip, Span<uint> weights, Span<uint> scales)
    {
        var width = layout.Blocks * TensorCoreKernel.BlockInputs;
        var codes = new byte[Rows * width];
        codes.AsSpan().Fill(8);
        var groupSize = ((QuantizedLinear)parts[0]).GroupSize;
        var groups = ((QuantizedLinear)parts[0]).Groups;
        var values = new float[Rows * groups];
        values.AsSpan().Fill(1f);
        var zeros = new short[groups];
        foreach (var (part, first, row, count) in RowsOf(parts, strip))
        {
            var quantized = (QuantizedLinear)part;
            for (var i = 0; i < count; i++)
            {
                var line = codes.AsSpan((row + i) * width, layout.Inputs);
                var scale = values.AsSpan((row + i) * groups, groups);
                quantized.ReadCodes(first + i, 1, line);
                quantized.ReadScales(first + i, 1, scale, zeros);
                for (var group = 0; group < groups; group++)
                {
                    if (scale[group] != 0f) continue;
                    scale[group] = 1f;
                    line.Slice(group * groupSize, Math.Min(groupSize, layout.Inputs - (group * groupSize))).Fill(8);
                }
            }
        }

        for (var word = 0; word < weights.Length; word++)
        {
            var (lane, inputs) = ((word >> 2) & 31, ((word >> 7) * 64) + ((word & 3) * 16));
            var (g, t) = (lane >> 2, lane & 3);
            var bits = 0u;
            for (var i = 0; i < 4; i++)
            {
                var at = ((g + (8 * (i & 1))) * width) + inputs + (2 * t) + (8 * (i >> 1));
                bits |= ((uint)codes[at] << (4 * i)) | ((uint)codes[at + 1] << (16 + (4 * i)));
            }

            weights[word] = bits;
        }

        var (perBlock, span) = layout.Kind == FragmentKind.CoarseNibbles ? (1, TensorCoreKernel.BlockInputs) : (4, 32);
        for (var block = 0; block < layout.Blocks; block++)
        {
            for (var g = 0; g < 8; g++)
            {
                for (var part = 0; part < perBlock; part++)
                {
                    var group = Math.Min(((block * TensorCoreKernel.BlockInputs) + (part * span)) / groupSize, groups - 1);
                    uint Bits(int row) => BitConverter.HalfToUInt16Bits((Half)values[(row * groups) + group]);
                    scales[(((block * 8) + g) * perBlock) + part] = Bits(g) | (Bits(g + 8) << 16);
                }
            }
        }
    }

    private static void PackDense(IReadOnlyList<LinearSource> parts, FragmentLayout layout, int strip, Span<uint> weights)
    {
        var width = layout.Blocks * TensorCoreKernel.BlockInputs;
        var values = new ushort[Rows * width];
        foreach (var (part, first, row, count) in RowsOf(parts, strip))
        {
            for (var i = 0; i < count; i++)
                ((DenseLinear)part).ReadRaw(first + i, 1, MemoryMarshal.AsBytes(values.AsSpan((row + i) * width, layout.Inputs)));
        }

        for (var word = 0; word < weights.Length; word++)
        {
            var (lane, i, inputs) = ((word >> 2) & 31, word & 3, (word >> 7) * 16);
            var at = (((lane >> 2) + (8 * (i & 1))) * width) + inputs + (2 * (lane & 3)) + (8 * (i >> 1));
            weights[word] = values[at] | ((uint)values[at + 1] << 16);
        }
    }

    // The rows of a strip: the part, its first row, where it goes in the strip, how many.
    private static IEnumerable<(LinearSource Part, int First, int Row, int Count)> RowsOf(IReadOnlyList<LinearSource> parts, int strip)
    {
        var begin = strip * Rows;
        var before = 0;
        foreach (var part in parts)
        {
            var first = Math.Max(begin, before);
            var end = Math.Min(begin + Rows, before + part.Outputs);
            if (end > first) yield return (part, first - before, first - begin, end - first);
            before += part.Outputs;
        }
    }
}
