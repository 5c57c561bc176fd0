using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Packs checkpoint weights on all threads; each holds at most one strip's rows beside what it packs.</summary>
internal sealed class MatrixPacker(ThreadTeam team)
{
    /// <summary>Packs the linear layers of one matrix, each in the form that its source calls for.</summary>
    /// <exception cref="NotSupportedException">A source's codes have a width other than 2, 3, 4 or 8 bits.</exception>
    public PackedPart[] Pack(IReadOnlyList<LinearSource> sources)
    {
        var parts = new PackedPart[sources.Count];
        var packers = new StripPacker[sources.Count];
        for (var i = 0; i < parts.Length; i++) (parts[i], packers[i]) = Prepare(sources[i]);
        Run(packers);
        return parts;
    }

    private static NativeBlock Words(LinearSource source, WeightCode code, WeightSegment[] segments)
    {
        var last = segments[^1];
        var perOutput = last.FirstWord + ((last.Length + PackedPart.PerWord(code) - 1) / PackedPart.PerWord(code));
        return NativeBlock.ForWeights(checked((nuint)PackedPart.StripCount(source.Outputs) * TileUses.Width * (nuint)perOutput * sizeof(uint)));
    }

    /// <summary>A part whose scales are packed, and what is to pack its words.</summary>
    private (PackedPart Part, StripPacker Words) Prepare(LinearSource source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Outputs, 1, nameof(source));
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Inputs, 1, nameof(source));
        return source switch
        {
            QuantizedLinear quantized => PrepareQuantized(quantized),
            DenseLinear { DataType: DataType.BFloat16 } dense => PrepareDense(dense, WeightCode.BrainFloats),
            _ => PrepareDense(source, WeightCode.Floats),
        };
    }

    private (PackedPart, StripPacker) PrepareQuantized(QuantizedLinear source)
    {
        if (source.Bits is not (2 or 3 or 4 or 8))
            throw new NotSupportedException($"{source.Name} has {source.Bits}-bit codes; the CPU backend packs 2, 3, 4 and 8 bits.");
        ArgumentOutOfRangeException.ThrowIfLessThan(source.GroupSize, 1, nameof(source));
        var bytes = checked((nuint)PackedPart.StripCount(source.Outputs) * TileUses.Width * (nuint)source.Groups * sizeof(float));
        var scales = NativeBlock.ForWeights(bytes);
        var scalePacker = new ScalePacker(source, scales);
        Run([scalePacker]);
        var code = source.Bits == 8 ? WeightCode.Bytes : scalePacker.IsSymmetric ? WeightCode.Nibbles : WeightCode.OffsetNibbles;
        NativeBlock? offsets = null;
        if (code != WeightCode.Nibbles)
        {
            offsets = NativeBlock.ForWeights(bytes);
            Run([new ScalePacker(source, scales, offsets)]);
        }

        var segments = WeightSegment.Divide(source.Inputs, source.GroupSize, PackedPart.PerWord(code));
        var codeZero = code == WeightCode.Nibbles ? 1 << (source.Bits - 1) : 0;
        var part = new PackedPart(code, source.Outputs, codeZero, segments, Words(source, code, segments), scales, offsets);
        return (part, WordPacker.Fits(source, code, segments) ? new WordPacker(source, part) : new CodePacker(source, part));
    }

    private static (PackedPart, StripPacker) PrepareDense(LinearSource source, WeightCode code)
    {
        var segments = WeightSegment.Divide(source.Inputs, source.Inputs, PackedPart.PerWord(code));
        var part = new PackedPart(code, source.Outputs, 0, segments, Words(source, code, segments), null, null);
        return (part, new DensePacker(source, part));
    }

    private void Run(StripPacker[] packers) => team.Run(new StripPackJob(packers), team.Size);
}
