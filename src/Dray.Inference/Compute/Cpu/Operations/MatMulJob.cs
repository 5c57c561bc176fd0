namespace Dray.Inference.Compute.Cpu;

/// <summary>The share of a product that one thread computes: whole strips.</summary>
internal readonly unsafe struct MatMulJob<TSimd, TVec>(
    Workspace workspace, CpuMatrix weight, float* inputs, TileSplit split, float* y, nint yStride, bool accumulate) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private const int PanelFloats = WeightSegment.MaxInputs * TileUses.Width;

    public void Execute(int thread, int threads)
    {
        var (first, end) = TeamShare.Of(weight.Strips, thread, threads);
        var panel = workspace.Own(thread, PanelFloats + TileUses.Width + ((nint)split.Rows * TileUses.Width));
        var strip = 0;
        var column = 0;
        foreach (var part in weight.Parts)
        {
            var from = Math.Max(first - strip, 0);
            var to = Math.Min(end - strip, part.Strips);
            for (var i = from; i < to; i++) Strip(part, i, column + (i * TileUses.Width), panel);
            strip += part.Strips;
            column += part.Outputs;
        }
    }

    private void Strip(PackedPart part, int strip, int column, float* panel)
    {
        var ones = panel + PanelFloats;
        var sums = ones + TileUses.Width;
        new Span<float>(ones, TileUses.Width).Fill(1);
        new Span<float>(sums, split.Rows * TileUses.Width).Clear();
        var direct = part.Code == WeightCode.Floats || split.Rows <= TSimd.DirectRows;
        var tiles = MatMulKernels<TSimd, TVec>.Tiles(direct ? part.Code : WeightCode.Floats);
        var arguments = new TileArguments { Stride = TileUses.Width, OutputStride = TileUses.Width, CodeZero = part.CodeZero };
        foreach (ref readonly var segment in part.Segments.AsSpan())
        {
            var words = part.Words(strip, segment);
            var scales = part.Scales(strip, segment.Group);
            arguments.Offsets = part.Offsets(strip, segment.Group);
            arguments.Scales = scales is null ? ones : scales;
            arguments.Length = segment.Length;
            if (!direct)
            {
                MatMulKernels<TSimd, TVec>.Unpack(part.Code, words, segment.Length, part.CodeZero, arguments.Offsets, panel);
                words = panel;
            }

            arguments.Low = words;
            arguments.High = words + (TileUses.Width / 2);
            for (var tile = 0; tile < split.Tiles; tile++)
            {
                var rows = split.Height(tile);
                var row = split.FirstRow(tile);
                arguments.Input = inputs + ((nint)row * weight.Inputs) + ((nint)segment.FirstInput * rows);
                arguments.Output = sums + ((nint)row * TileUses.Width);
                tiles[rows](&arguments);
            }
        }

        Write(sums, Math.Min(TileUses.Width, part.Outputs - (strip * TileUses.Width)), y + column);
    }

    private void Write(float* sums, int columns, float* target)
    {
        for (var row = 0; row < split.Rows; row++, sums += TileUses.Width, target += yStride)
        {
            var i = 0;
            for (; i + TSimd.Lanes <= columns; i += TSimd.Lanes)
            {
                var sum = TSimd.Load(sums + i);
                TSimd.Store(target + i, accumulate ? TSimd.Add(TSimd.Load(target + i), sum) : sum);
            }

            for (; i < columns; i++) target[i] = accumulate ? target[i] + sums[i] : sums[i];
        }
    }
}
