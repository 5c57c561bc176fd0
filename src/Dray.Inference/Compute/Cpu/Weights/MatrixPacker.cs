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

    /// <summary>A part whose scales are packed, and what is to pack its words.</summary>
    private (PackedPart Part, StripPacker Words) Prepare(LinearSource source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Outputs, 1, nameof(source));
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Inputs, 1, nameof(source));
        if (source is QuantizedLinear quantized) return PrepareQuantized(quantized);
        var shape = new PartShape(source, PartShape.CodeOf(source, isSymmetric: true));
        var part = new PackedPart(shape, new NativeBlock(shape.WordBytes), null, null);
        return (part, new DensePacker(source, part));
    }

    private (PackedPart, StripPacker) PrepareQuantized(QuantizedLinear source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.GroupSize, 1, nameof(source));
        var shape = new PartShape(source, PartShape.CodeOf(source, isSymmetric: true));
        var scales = new NativeBlock(shape.ScaleBytes);
        var scalePacker = new ScalePacker(source, scales);
        Run([scalePacker]);
        shape = new PartShape(source, PartShape.CodeOf(source, scalePacker.IsSymmetric));
        var offsets = shape.OffsetBytes > 0 ? new NativeBlock(shape.OffsetBytes) : null;
        if (offsets is not null) Run([new ScalePacker(source, scales, offsets)]);
        var part = new PackedPart(shape, new NativeBlock(shape.WordBytes), scales, offsets);
        return (part, WordPacker.Fits(source, part) ? new WordPacker(source, part) : new CodePacker(source, part));
    }

    private void Run(StripPacker[] packers) => team.Run(new StripPackJob(packers), team.Size);
}
