using Dray.Inference.Checkpoints;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>Where a matrix's weights lie in fragment order, and how its sums are divided.</summary>
/// <remarks>
/// <code>
/// [strip of 16 outputs][block of 128 inputs][packet][lane]   16 bytes each
///   nibbles: 2 packets, a word is 16 inputs: nibbles i, i + 4 are register i of the lane's mma A fragment
///   bf16:    8 packets of 16 inputs, a word is a register
/// [strip][block][row g of 8]                                 scales of rows g and g + 8, fp16 each; four such words where they change every 32 inputs
/// </code>
/// Register i of lane (g, t) = (lane / 4, lane mod 4) holds row g + 8·(i mod 2), inputs 2t + 8·(i / 2) and the next. Outputs are padded to a
/// multiple of 256, inputs to one of 128, with weights of zero.
/// </remarks>
internal sealed record FragmentLayout
{
    private const int Target = 264;

    /// <summary>Divides an [outputs, inputs] matrix.</summary>
    public FragmentLayout(int outputs, int inputs, FragmentKind kind)
    {
        (Outputs, Inputs, Kind) = (outputs, inputs, kind);
        OutputTiles = (outputs + TensorCoreKernel.TileOutputs - 1) / TensorCoreKernel.TileOutputs;
        Blocks = (inputs + TensorCoreKernel.BlockInputs - 1) / TensorCoreKernel.BlockInputs;

        // By the shape alone, or a row's bits would depend on what shares its batch: enough groups for two on each of an H100's 132 multiprocessors.
        var segments = Math.Clamp(Target / OutputTiles, 1, Math.Max(1, Blocks / 2));
        SegmentBlocks = (Blocks + segments - 1) / segments;
    }

    /// <summary>Gets N.</summary>
    public int Outputs { get; }

    /// <summary>Gets K.</summary>
    public int Inputs { get; }

    /// <summary>Gets what it holds.</summary>
    public FragmentKind Kind { get; }

    /// <summary>Gets tiles of 256 outputs.</summary>
    public int OutputTiles { get; }

    /// <summary>Gets blocks of 128 inputs.</summary>
    public int Blocks { get; }

    /// <summary>Gets blocks of a segment: sums go over each, then over segments.</summary>
    public int SegmentBlocks { get; }

    /// <summary>Gets the number of segments.</summary>
    public int Segments => (Blocks + SegmentBlocks - 1) / SegmentBlocks;

    /// <summary>Gets strips of 16 outputs, padding included.</summary>
    public int Strips => OutputTiles * (TensorCoreKernel.TileOutputs / 16);

    /// <summary>Gets the bytes of a strip's weights.</summary>
    public int StripBytes => Blocks * (Kind == FragmentKind.Dense ? 4096 : 1024);

    /// <summary>Gets the bytes of a strip's scales.</summary>
    public int StripScaleBytes => Blocks * Kind switch { FragmentKind.Dense => 0, FragmentKind.CoarseNibbles => 32, _ => 128 };

    /// <summary>Gets the bytes of all weights; scales follow.</summary>
    public long WeightBytes => (long)Strips * StripBytes;

    /// <summary>Gets the bytes of weights and scales.</summary>
    public long Bytes => WeightBytes + ((long)Strips * StripScaleBytes);

    /// <summary>The layout of a matrix whose outputs are those of the parts, one after another; null if the parts don't qualify.</summary>
    /// <remarks>They do if all are bf16, or all symmetric 4-bit with the same groups of 32·n inputs and finite fp16 scales. Reads all scales.</remarks>
    public static FragmentLayout? Of(IReadOnlyList<LinearSource> parts)
    {
        if (KindOf(parts) is not { } kind || !parts.OfType<QuantizedLinear>().All(IsSymmetric)) return null;
        return new FragmentLayout(parts.Sum(part => part.Outputs), parts[0].Inputs, kind);
    }

    private static FragmentKind? KindOf(IReadOnlyList<LinearSource> parts)
    {
        if (parts.All(part => part is DenseLinear { DataType: DataType.BFloat16 })) return FragmentKind.Dense;
        if (parts[0] is not QuantizedLinear first) return null;
        if (!parts.All(part => part is QuantizedLinear { Bits: 4 } quantized && quantized.GroupSize == first.GroupSize)) return null;
        if (first.Groups == 1 || first.GroupSize % 128 == 0) return FragmentKind.CoarseNibbles;
        return first.GroupSize % 32 == 0 ? FragmentKind.FineNibbles : null;
    }

    private static bool IsSymmetric(QuantizedLinear part)
    {
        const int rows = 16;
        var scales = new float[rows * part.Groups];
        var zeros = new short[scales.Length];
        for (var row = 0; row < part.Outputs; row += rows)
        {
            var count = Math.Min(rows, part.Outputs - row) * part.Groups;
            part.ReadScales(row, count / part.Groups, scales.AsSpan(0, count), zeros.AsSpan(0, count));
            if (zeros.AsSpan(0, count).ContainsAnyExcept((short)8)) return false;
            foreach (var scale in scales.AsSpan(0, count))
            {
                if (!float.IsFinite(scale) || (float)(Half)scale != scale) return false;
            }
        }

        return true;
    }
}
