using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Query rows that read the same KV head. Tiles of 64 keys start at multiples of 64 and are taken in order, so that a row's result
/// doesn't depend on which rows it is computed with.
/// </summary>
/// <remarks>
/// <code>
///  per row tile of R and key tile:   scores [R][64] = q [R][headDim] · keys [headDim][64]
///                                    p = 2^(scores − max), decay = 2^(old max − max), sum = sum · decay + p, lane by lane
///                                    output [R][width] = output · decay + p [R][64] · values [64][width]
/// </code>
/// Scales of keys are multiplied into the scores, those of values into p, so that the products run on bare codes.
/// 4 · headDim flops per query and key; keys and values are read once per block of rows.
/// </remarks>
internal readonly unsafe ref struct QueryBlock<TSimd, TVec, TCode>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
    where TCode : struct, IKvCode
{
    private const int MaxTileRows = 16;
    private const float Log2E = 1.44269504f;

    private readonly TileSplit _split;
    private readonly int _headDim;
    private readonly int _keyDim;
    private readonly int _width;
    private readonly float* _scores;
    private readonly float* _decays;
    private readonly float* _queries;

    /// <summary>Starts a block of <paramref name="rows"/> rows in <paramref name="scratch"/>.</summary>
    /// <param name="rows">Query rows.</param>
    /// <param name="headDim">Width of one head.</param>
    /// <param name="keyDim">The same, rounded up to what whole words of keys hold.</param>
    /// <param name="scratch">Room for <see cref="ScratchFloats"/>.</param>
    public QueryBlock(int rows, int headDim, int keyDim, float* scratch)
    {
        _split = new TileSplit(rows, TSimd.TileRows);
        _headDim = headDim;
        _keyDim = keyDim;
        _width = AttentionKernel.PaddedWidth(headDim);
        _scores = scratch;
        _decays = _scores + (MaxTileRows * KvTile.Tokens);
        _queries = _decays + MaxTileRows;
        new Span<float>(_decays, MaxTileRows).Clear();
        if (keyDim > headDim) new Span<float>(_queries, rows * keyDim).Clear();
    }

    public int Tiles => _split.Tiles;

    /// <summary>Floats that a block of so many rows needs.</summary>
    public static int ScratchFloats(int rows, int keyDim) => (rows * keyDim) + (MaxTileRows * (KvTile.Tokens + 1));

    public int FirstRow(int tile) => _split.FirstRow(tile);

    public int Height(int tile) => _split.Height(tile);

    /// <summary>Takes over a row's query.</summary>
    public void SetQuery(int tile, int rowInTile, float* query) =>
        InputPackJob.InterleaveRow(
            query,
            _headDim,
            _queries + (_split.FirstRow(tile) * _keyDim) + rowInTile,
            _split.Height(tile),
            Log2E / MathF.Sqrt(_headDim) * TCode.Unit);

    /// <summary>Adds a key tile.</summary>
    /// <param name="state">Of all rows.</param>
    /// <param name="keys">The key tile.</param>
    /// <param name="scales">Its scales.</param>
    /// <param name="visible">Per row the keys that it sees, at most 64, not falling from row to row; may be zero or less.</param>
    public void Add(in SoftmaxState<TSimd, TVec> state, in KvTile keys, in KvScales scales, int* visible)
    {
        for (var tile = 0; tile < _split.Tiles; tile++)
        {
            var row = _split.FirstRow(tile);
            var rows = _split.Height(tile);
            if (visible[row + rows - 1] > 0) Add(state, keys, scales, row, rows, visible + row);
        }
    }

    private void Add(in SoftmaxState<TSimd, TVec> state, in KvTile keys, in KvScales scales, int row, int rows, int* visible)
    {
        var arguments = new AttentionArguments
        {
            Tile = keys,
            Tokens = visible[rows - 1],
            Queries = _queries + (row * _keyDim),
            Scores = _scores,
            Decays = _decays,
            Outputs = state.Outputs + (row * _width),
            Width = _width,
        };
        AttentionKernel<TSimd, TVec, TCode>.Scores[rows](&arguments);
        Softmax(rows, state.Highest + row, state.Sums + (row * SoftmaxState<TSimd, TVec>.SumStride), visible, scales);
        AttentionKernel<TSimd, TVec, TCode>.Outputs[rows](&arguments);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Softmax(int rows, float* rowHighest, float* rowSums, int* visible, in KvScales scales)
    {
        var step = 2 * TSimd.Lanes;
        var columns = (visible[rows - 1] + step - 1) / step * step;
        var unit = TSimd.Broadcast(TCode.Unit);
        for (var r = 0; r < rows; r++)
        {
            var row = _scores + (r * KvTile.Tokens);
            for (var c = 0; scales.Exist && c < columns; c += TSimd.Lanes)
                TSimd.Store(row + c, TSimd.Multiply(TSimd.Load(row + c), TSimd.Multiply(TSimd.Load(scales.Keys(c)), unit)));
            for (var hidden = Math.Max(visible[r], 0); hidden < columns; hidden++) row[hidden] = float.NegativeInfinity;
            var top = TSimd.Load(row);
            for (var c = TSimd.Lanes; c < columns; c += TSimd.Lanes) top = TSimd.Max(top, TSimd.Load(row + c));
            var now = MathF.Max(rowHighest[r], TSimd.HighestLane(top));
            _decays[r] = rowHighest[r] - now;
            rowHighest[r] = now;
        }

        for (var r = 0; r < rows; r += TSimd.Lanes) TSimd.Store(_decays + r, Elementary<TSimd, TVec>.Exp2(TSimd.Load(_decays + r)));
        for (var r = 0; r < rows; r++)
        {
            var row = _scores + (r * KvTile.Tokens);
            var sums = rowSums + (r * SoftmaxState<TSimd, TVec>.SumStride);
            var top = TSimd.Broadcast(rowHighest[r]);
            var sum = TSimd.Multiply(TSimd.Load(sums), TSimd.Broadcast(_decays[r]));
            for (var c = 0; c < columns; c += TSimd.Lanes)
            {
                var p = Elementary<TSimd, TVec>.Exp2(TSimd.Subtract(TSimd.Load(row + c), top));
                sum = TSimd.Add(sum, p);
                if (scales.Exist) p = TSimd.Multiply(p, TSimd.Multiply(TSimd.Load(scales.Values(c)), unit));
                TSimd.Store(row + c, p);
            }

            TSimd.Store(sums, sum);
        }
    }
}
