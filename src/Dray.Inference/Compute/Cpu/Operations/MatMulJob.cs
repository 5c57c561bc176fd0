namespace Dray.Inference.Compute.Cpu;

/// <summary>The share of a product that one thread computes: whole strips.</summary>
internal readonly unsafe struct MatMulJob<TSimd, TVec>(
    Workspace workspace, MatrixSpan weight, float* inputs, TileSplit split, float* y, nint yStride, bool accumulate) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private const int PanelFloats = WeightSegment.MaxInputs * WeightStrip.Width;

    /// <summary>Strips whose panels lie in the second-level cache together, so that a tile's inputs are fetched once for all of them.</summary>
    private const int MaxGroup = 4;

    private const int ChunksPerThread = 8;

    /// <summary>Up to as many rows, the inputs stay near anyway and one panel at a time is faster.</summary>
    private const int UngroupedRows = 64;

    public void Execute(TeamShare share)
    {
        var scratch = workspace.Own(share.Thread, WeightStrip.Width + (MaxGroup * (PanelFloats + ((nint)split.Rows * WeightStrip.Width))));
        var group = split.Rows <= UngroupedRows ? 1 : MaxGroup;
        var grain = Math.Max(1, weight.Strips / (share.Threads * ChunksPerThread * group)) * group;
        foreach (var (first, end) in share.Of(weight.Strips, grain)) Strips(first, end, scratch);
    }

    private void Strips(int first, int end, float* scratch)
    {
        var strip = 0;
        var column = 0;
        foreach (var part in weight.Parts)
        {
            var from = Math.Max(first - strip, 0);
            var to = Math.Min(end - strip, part.Strips);
            var direct = part.Code == WeightCode.Floats || split.Rows <= TSimd.DirectRows;
            var group = direct || split.Rows <= UngroupedRows ? 1 : MaxGroup;
            for (var i = from; i < to; i += group) Group(part, i, Math.Min(group, to - i), direct, column + (i * WeightStrip.Width), scratch);
            strip += part.Strips;
            column += part.Outputs;
        }
    }

    private void Group(PackedPart part, int strip, int count, bool direct, int column, float* scratch)
    {
        var sumFloats = (nint)split.Rows * WeightStrip.Width;
        var panels = scratch + WeightStrip.Width;
        var sums = panels + (MaxGroup * PanelFloats);
        new Span<float>(scratch, WeightStrip.Width).Fill(1);
        for (var i = 0; i < count; i++) new Span<float>(sums + (i * sumFloats), (int)sumFloats).Clear();
        foreach (ref readonly var segment in part.Segments.AsSpan())
        {
            if (!direct)
            {
                for (var i = 0; i < count; i++)
                {
                    MatMulKernels<TSimd, TVec>.Unpack(
                        part.Code,
                        part.Words(strip + i, segment),
                        segment.Length,
                        part.CodeZero,
                        part.Offsets(strip + i, segment.Group),
                        panels + (i * PanelFloats));
                }
            }

            Multiply(part, segment, strip, count, direct ? null : panels, scratch, sums);
        }

        for (var i = 0; i < count; i++)
        {
            var columns = Math.Min(WeightStrip.Width, part.Outputs - ((strip + i) * WeightStrip.Width));
            Write(sums + (i * sumFloats), columns, y + column + (i * WeightStrip.Width));
        }
    }

    private void Multiply(PackedPart part, in WeightSegment segment, int strip, int count, float* panels, float* ones, float* sums)
    {
        var tiles = MatMulKernels<TSimd, TVec>.Tiles(panels is null ? part.Code : WeightCode.Floats);
        var arguments = new TileArguments
        {
            OutputStride = WeightStrip.Width,
            CodeZero = part.CodeZero,
            Length = segment.Length,
        };
        for (var tile = 0; tile < split.Tiles; tile++)
        {
            var rows = split.Height(tile);
            var row = (nint)split.FirstRow(tile);
            arguments.Input = inputs + (row * weight.Inputs) + ((nint)segment.FirstInput * rows);
            for (var i = 0; i < count; i++)
            {
                var words = panels is null ? part.Words(strip + i, segment) : panels + (i * PanelFloats);
                var scales = part.Scales(strip + i, segment.Group);
                arguments.Offsets = part.Offsets(strip + i, segment.Group);
                arguments.Scales = scales is null ? ones : scales;
                arguments.Words = words;
                arguments.Output = sums + (((i * (nint)split.Rows) + row) * WeightStrip.Width);
                tiles[rows](&arguments);
            }
        }
    }

    private void Write(float* sums, int columns, float* target)
    {
        for (var row = 0; row < split.Rows; row++, sums += WeightStrip.Width, target += yStride)
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
