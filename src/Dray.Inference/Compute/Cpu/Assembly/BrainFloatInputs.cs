namespace Dray.Inference.Compute.Cpu;

/// <summary>Inputs rounded to bf16: in a tile of R rows, word by word, two inputs of each row.</summary>
internal sealed unsafe class BrainFloatInputs(PackedPart part, TileKernels kernels) : InputForm(part, kernels, 0, sizeof(uint))
{
    /// <inheritdoc/>
    public override void Pack(ThreadTeam team, int threads, RowView x, TileSplit split, byte* target) =>
        team.Run(new BrainFloatPackJob(x, split, this, target), threads);

    /// <inheritdoc/>
    public override void SetWeights(ref AssembledTileArguments arguments, PackedPart part, int strip, int first, int end, byte* own)
    {
        arguments.Words = (uint*)part.Words(strip, Segments[first]);
        arguments.Segments = 1;
        arguments.SegmentWords = (BytesBefore(end) - BytesBefore(first)) / sizeof(uint);
    }
}
