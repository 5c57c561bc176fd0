using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Packs checkpoint weights strip by strip on all threads; each holds one strip's rows at a time.</summary>
internal sealed class MatrixPacker(ThreadTeam team)
{
    /// <summary>Packs one linear layer in the form that its source calls for.</summary>
    /// <exception cref="NotSupportedException">The source's codes have a width other than 2, 3, 4 or 8 bits.</exception>
    public PackedPart Pack(LinearSource source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Outputs, 1, nameof(source));
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Inputs, 1, nameof(source));
        return source switch
        {
            QuantizedLinear quantized => Pack(quantized),
            DenseLinear { DataType: DataType.BFloat16 } dense => PackDense(dense, WeightCode.BrainFloats),
            _ => PackDense(source, WeightCode.Floats),
        };
    }

    private static NativeBlock Words(LinearSource source, WeightCode code, WeightSegment[] segments)
    {
        var last = segments[^1];
        var perOutput = last.FirstWord + ((last.Length + PackedPart.PerWord(code) - 1) / PackedPart.PerWord(code));
        return new NativeBlock(checked((nuint)PackedPart.StripCount(source.Outputs) * TileUses.Width * (nuint)perOutput * sizeof(uint)));
    }

    private PackedPart Pack(QuantizedLinear source)
    {
        if (source.Bits is not (2 or 3 or 4 or 8))
            throw new NotSupportedException($"{source.Name} has {source.Bits}-bit codes; the CPU backend packs 2, 3, 4 and 8 bits.");
        ArgumentOutOfRangeException.ThrowIfLessThan(source.GroupSize, 1, nameof(source));
        var symmetric = 1 << (source.Bits - 1);
        var bytes = checked((nuint)PackedPart.StripCount(source.Outputs) * TileUses.Width * (nuint)source.Groups * sizeof(float));
        var scales = new NativeBlock(bytes);
        var offsets = new NativeBlock(bytes);
        var scaleJob = new ScalePackJob(source, scales, offsets, symmetric, new PackProgress());
        team.Run(scaleJob, team.Size);
        var code = source.Bits == 8 ? WeightCode.Bytes : scaleJob.IsSymmetric ? WeightCode.Nibbles : WeightCode.OffsetNibbles;
        if (code == WeightCode.Nibbles) offsets.Dispose();
        var segments = WeightSegment.Divide(source.Inputs, source.GroupSize, PackedPart.PerWord(code));
        var words = Words(source, code, segments);
        var part = new PackedPart(
            code,
            source.Outputs,
            code == WeightCode.Nibbles ? symmetric : 0,
            segments,
            words,
            scales,
            code == WeightCode.Nibbles ? null : offsets);
        team.Run(new CodePackJob(source, part, new PackProgress()), team.Size);
        return part;
    }

    private PackedPart PackDense(LinearSource source, WeightCode code)
    {
        var segments = WeightSegment.Divide(source.Inputs, source.Inputs, PackedPart.PerWord(code));
        var part = new PackedPart(code, source.Outputs, 0, segments, Words(source, code, segments), null, null);
        team.Run(new DensePackJob(source, part, new PackProgress()), team.Size);
        return part;
    }
}
