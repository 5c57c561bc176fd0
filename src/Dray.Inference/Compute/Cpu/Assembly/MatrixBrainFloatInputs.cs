namespace Dray.Inference.Compute.Cpu;

/// <summary>Inputs rounded to bf16 for AMX: in a tile of R rows, step by step of 32 inputs, 64 bytes of each row; zeros past a segment's inputs.</summary>
internal sealed unsafe class MatrixBrainFloatInputs(PackedPart part, TileKernels kernels)
    : InputForm(part, kernels, 0, sizeof(uint), MatrixTiles.WeightRows)
{
    private const int SegmentWords = WeightSegment.MaxInputs / 2;

    /// <inheritdoc/>
    public override int ThreadBytes => MatrixTiles.ScratchBytes + (SegmentWords * MatrixTiles.WeightStride);

    /// <inheritdoc/>
    public override int GroupRows => MatrixTiles.GroupRows;

    /// <inheritdoc/>
    public override TileSplit Split(int rows) => TileSplit.OfFullTiles(rows, Kernels.MaxRows);

    /// <inheritdoc/>
    public override void Pack(ThreadTeam team, int threads, RowView x, TileSplit split, byte* target) =>
        team.Run(new MatrixBrainFloatPackJob(x, split, this, target), threads);

    /// <inheritdoc/>
    public override void SetWeights(ref AssembledTileArguments arguments, PackedPart part, int strip, int first, int end, byte* own)
    {
        arguments.Words = (uint*)part.Words(strip, Segments[first]);
        arguments.Segments = 1;
        arguments.SegmentSteps = (BytesBefore(end) - BytesBefore(first)) / MatrixTiles.RowBytes;
        arguments.Scratch = own;
        if (Words(first) % MatrixTiles.WeightRows == 0) return;

        // What follows may not be there to be read, and needn't be finite.
        var panel = new Span<uint>(own + MatrixTiles.ScratchBytes, (int)arguments.SegmentSteps * MatrixTiles.WeightRows * WeightStrip.Width);
        var words = new Span<uint>(arguments.Words, Words(first) * WeightStrip.Width);
        words.CopyTo(panel);
        panel[words.Length..].Clear();
        arguments.Words = (uint*)(own + MatrixTiles.ScratchBytes);
    }
}
