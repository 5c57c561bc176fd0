using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Up to 96 query rows that read the same KV head, with their running softmax (Milakov and Gimelshein 2018; FlashAttention). Key tiles of 32
/// tokens start at multiples of 32 and are taken in order, so that a row's result doesn't depend on which rows it is computed with.
/// </summary>
/// <remarks>
/// <code>
///  per row tile of R and key tile:   scores [R][32] = q [R][headDim] · keys [headDim][32]
///                                    p = exp(scores − max), decay = exp(old max − max), sum = sum · decay + p, lane by lane
///                                    output [R][width] = output · decay + p [R][32] · values [32][width]
/// </code>
/// 4 · headDim flops per query and key; keys and values are read once per block of rows.
/// </remarks>
internal readonly unsafe ref struct QueryBlock<TSimd, TVec>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    /// <summary>The most rows of a block.</summary>
    public const int MaxRows = 96;

    private static readonly delegate*<TileArguments*, void>[] ScoreTiles = TileKernel<TSimd, TVec>.Table<WeightCodes.Floats, TileUses.Scores>();
    private static readonly delegate*<TileArguments*, void>[] ValueTiles = TileKernel<TSimd, TVec>.Table<WeightCodes.Floats, TileUses.Values>();

    private const int MaxTileRows = 16;
    private const int MaxLanes = 16;

    private readonly TileSplit split;
    private readonly int headDim;
    private readonly int width;
    private readonly float* queries;
    private readonly float* outputs;
    private readonly float* highest;
    private readonly float* sums;
    private readonly float* scores;
    private readonly float* decays;

    /// <summary>Starts a block of <paramref name="rows"/> rows in <paramref name="scratch"/>.</summary>
    public QueryBlock(int rows, int headDim, float* scratch)
    {
        split = new TileSplit(rows, TSimd.TileRows);
        this.headDim = headDim;
        width = HostKvCache.PaddedWidth(headDim);
        outputs = scratch;
        scores = outputs + (MaxRows * width);
        decays = scores + (MaxTileRows * TileUses.Width);
        highest = decays + MaxTileRows;
        sums = highest + MaxRows;
        queries = sums + (MaxRows * MaxLanes);
        new Span<float>(outputs, rows * width).Clear();
        new Span<float>(decays, MaxTileRows).Clear();
        new Span<float>(highest, rows).Fill(float.NegativeInfinity);
        new Span<float>(sums, rows * MaxLanes).Clear();
    }

    public int Tiles => split.Tiles;

    /// <summary>Floats that a block needs.</summary>
    public static int ScratchFloats(int headDim) =>
        (MaxRows * (HostKvCache.PaddedWidth(headDim) + headDim + MaxLanes + 1)) + (MaxTileRows * (TileUses.Width + 1));

    public int FirstRow(int tile) => split.FirstRow(tile);

    public int Height(int tile) => split.Height(tile);

    /// <summary>Takes over a row's query, scaled by 1/sqrt(headDim).</summary>
    public void SetQuery(int tile, int rowInTile, float* query) =>
        InputPackJob.InterleaveRow(
            query, headDim, queries + (split.FirstRow(tile) * headDim) + rowInTile, split.Height(tile), 1 / MathF.Sqrt(headDim));

    /// <summary>Adds a key tile.</summary>
    /// <param name="keys">The key tile.</param>
    /// <param name="visible">
    /// Per row the keys that it sees, at most 32, not falling from row to row; may be zero or less, but not in a row's first tile.
    /// </param>
    public void Add(in KeyTile keys, int* visible)
    {
        for (var tile = 0; tile < split.Tiles; tile++)
        {
            var row = split.FirstRow(tile);
            var rows = split.Height(tile);
            if (visible[row + rows - 1] > 0) Add(keys, row, rows, visible + row);
        }
    }

    private void Add(in KeyTile keys, int row, int rows, int* visible)
    {
        var arguments = new TileArguments
        {
            Low = keys.Low,
            High = keys.High,
            Stride = keys.KeyStride,
            Length = headDim,
            Input = queries + (row * headDim),
            Output = scores,
            OutputStride = TileUses.Width,
        };
        ScoreTiles[rows](&arguments);
        Softmax(rows, highest + row, sums + (row * MaxLanes), visible);
        arguments.Stride = keys.ValueStride;
        arguments.Jump = keys.ValueJump;
        arguments.Length = visible[rows - 1];
        arguments.Input = scores;
        arguments.Scales = decays;
        arguments.OutputStride = width;
        for (var column = 0; column < width; column += TileUses.Width)
        {
            arguments.Low = keys.Value + column;
            arguments.High = arguments.Low + (TileUses.Width / 2);
            arguments.Output = outputs + (row * width) + column;
            ValueTiles[rows](&arguments);
        }
    }

    /// <summary>Writes a row's result.</summary>
    public void Finish(int row, float* target)
    {
        var source = outputs + (row * width);
        var scale = 1 / TSimd.Sum(TSimd.Load(sums + (row * MaxLanes)));
        for (var d = 0; d < headDim; d++) target[d] = source[d] * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Softmax(int rows, float* rowHighest, float* rowSums, int* visible)
    {
        for (var r = 0; r < rows; r++)
        {
            var row = scores + (r * TileUses.Width);
            for (var hidden = Math.Max(visible[r], 0); hidden < TileUses.Width; hidden++) row[hidden] = float.NegativeInfinity;
            var top = TSimd.Load(row);
            for (var c = TSimd.Lanes; c < TileUses.Width; c += TSimd.Lanes) top = TSimd.Max(top, TSimd.Load(row + c));
            var now = MathF.Max(rowHighest[r], TSimd.HighestLane(top));
            decays[r] = rowHighest[r] - now;
            rowHighest[r] = now;
        }

        for (var r = 0; r < rows; r += TSimd.Lanes) TSimd.Store(decays + r, Elementary<TSimd, TVec>.Exp(TSimd.Load(decays + r)));
        for (var r = 0; r < rows; r++)
        {
            var row = scores + (r * TileUses.Width);
            var top = TSimd.Broadcast(rowHighest[r]);
            var sum = TSimd.Multiply(TSimd.Load(rowSums + (r * MaxLanes)), TSimd.Broadcast(decays[r]));
            for (var c = 0; c < TileUses.Width; c += TSimd.Lanes)
            {
                var p = Elementary<TSimd, TVec>.Exp(TSimd.Subtract(TSimd.Load(row + c), top));
                TSimd.Store(row + c, p);
                sum = TSimd.Add(sum, p);
            }

            TSimd.Store(rowSums + (r * MaxLanes), sum);
        }
    }
}
