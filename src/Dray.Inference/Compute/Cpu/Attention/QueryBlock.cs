using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Up to 96 query rows that read the same KV head, with their running softmax (Milakov and Gimelshein 2018; FlashAttention). Key tiles of 32
/// tokens start at multiples of 32 and are taken in order, so that a row's result doesn't depend on which rows it is computed with.
/// </summary>
/// <remarks>
/// <code>
///  per row tile of R and key tile:   scores [R][32] = q [R][headDim] · keys [headDim][32]
///                                    p = exp(scores − max), decay = exp(old max − max), sum = sum · decay + Σ p
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
        queries = sums + MaxRows;
        new Span<float>(outputs, rows * width).Clear();
        new Span<float>(decays, MaxTileRows).Clear();
        new Span<float>(highest, rows).Fill(float.NegativeInfinity);
        new Span<float>(sums, rows).Clear();
    }

    public int Tiles => split.Tiles;

    /// <summary>Floats that a block needs.</summary>
    public static int ScratchFloats(int headDim) =>
        (MaxRows * (HostKvCache.PaddedWidth(headDim) + headDim + 2)) + (MaxTileRows * (TileUses.Width + 1));

    public int FirstRow(int tile) => split.FirstRow(tile);

    public int Height(int tile) => split.Height(tile);

    /// <summary>Takes over a row's query, scaled by 1/sqrt(headDim).</summary>
    public void SetQuery(int tile, int rowInTile, float* query) =>
        InputPackJob.InterleaveRow(
            query, headDim, queries + (split.FirstRow(tile) * headDim) + rowInTile, split.Height(tile), 1 / MathF.Sqrt(headDim));

    /// <summary>Adds a key tile to one row tile.</summary>
    /// <param name="tile">The row tile.</param>
    /// <param name="keys">The key tile.</param>
    /// <param name="visible">Per row of the tile the keys that it sees, at most 32; may be zero or less, but not in a row's first tile.</param>
    /// <param name="mostVisible">The highest of them, at least 1.</param>
    public void Add(int tile, in KeyTile keys, int* visible, int mostVisible)
    {
        var rows = split.Height(tile);
        var row = split.FirstRow(tile);
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
        Softmax(rows, highest + row, sums + row, visible);
        arguments.Stride = keys.ValueStride;
        arguments.Jump = keys.ValueJump;
        arguments.Length = mostVisible;
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
        var sum = sums[row];
        for (var d = 0; d < headDim; d++) target[d] = source[d] / sum;
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

        for (var c = 0; c < MaxTileRows; c += TSimd.Lanes) TSimd.Store(decays + c, Elementary<TSimd, TVec>.Exp(TSimd.Load(decays + c)));
        for (var r = 0; r < rows; r++)
        {
            var row = scores + (r * TileUses.Width);
            var top = TSimd.Broadcast(rowHighest[r]);
            TVec sum = default;
            for (var c = 0; c < TileUses.Width; c += TSimd.Lanes)
            {
                var p = Elementary<TSimd, TVec>.Exp(TSimd.Subtract(TSimd.Load(row + c), top));
                TSimd.Store(row + c, p);
                sum = TSimd.Add(sum, p);
            }

            rowSums[r] = (rowSums[r] * decays[r]) + TSimd.Sum(sum);
        }
    }
}
