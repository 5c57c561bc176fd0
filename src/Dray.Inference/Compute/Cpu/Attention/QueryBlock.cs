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
/// Scales of keys are multiplied into the scores, those of values into p, so that the products run on bare codes.
/// 4 · headDim flops per query and key; keys and values are read once per block of rows.
/// </remarks>
internal readonly unsafe ref struct QueryBlock<TSimd, TVec>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    /// <summary>The most rows of a block.</summary>
    public const int MaxRows = 96;

    private const int MaxTileRows = 16;
    private const int MaxLanes = 16;

    private readonly TileSplit _split;
    private readonly int _headDim;
    private readonly int _width;
    private readonly float* _queries;
    private readonly float* _outputs;
    private readonly float* _highest;
    private readonly float* _sums;
    private readonly float* _scores;
    private readonly float* _decays;

    /// <summary>Starts a block of <paramref name="rows"/> rows in <paramref name="scratch"/>.</summary>
    public QueryBlock(int rows, int headDim, float* scratch)
    {
        _split = new TileSplit(rows, TSimd.TileRows);
        _headDim = headDim;
        _width = HostKvCache.PaddedWidth(headDim);
        _outputs = scratch;
        _scores = _outputs + (MaxRows * _width);
        _decays = _scores + (MaxTileRows * TileUses.Width);
        _highest = _decays + MaxTileRows;
        _sums = _highest + MaxRows;
        _queries = _sums + (MaxRows * MaxLanes);
        new Span<float>(_outputs, rows * _width).Clear();
        new Span<float>(_decays, MaxTileRows).Clear();
        new Span<float>(_highest, rows).Fill(float.NegativeInfinity);
        new Span<float>(_sums, rows * MaxLanes).Clear();
    }

    public int Tiles => _split.Tiles;

    /// <summary>Floats that a block needs.</summary>
    public static int ScratchFloats(int headDim) =>
        (MaxRows * (HostKvCache.PaddedWidth(headDim) + headDim + MaxLanes + 1)) + (MaxTileRows * (TileUses.Width + 1));

    public int FirstRow(int tile) => _split.FirstRow(tile);

    public int Height(int tile) => _split.Height(tile);

    /// <summary>Takes over a row's query, scaled by 1/sqrt(headDim).</summary>
    public void SetQuery(int tile, int rowInTile, float* query) =>
        InputPackJob.InterleaveRow(
            query, _headDim, _queries + (_split.FirstRow(tile) * _headDim) + rowInTile, _split.Height(tile), 1 / MathF.Sqrt(_headDim));

    /// <summary>Adds a key tile.</summary>
    /// <param name="keys">The key tile.</param>
    /// <param name="visible">
    /// Per row the keys that it sees, at most 32, not falling from row to row; may be zero or less, but not in a row's first tile.
    /// </param>
    /// <typeparam name="TCode">How the tile's words hold keys and values.</typeparam>
    public void Add<TCode>(in KeyTile keys, int* visible)
        where TCode : struct, IWeightCode
    {
        for (var tile = 0; tile < _split.Tiles; tile++)
        {
            var row = _split.FirstRow(tile);
            var rows = _split.Height(tile);
            if (visible[row + rows - 1] > 0) Add<TCode>(keys, row, rows, visible + row);
        }
    }

    private void Add<TCode>(in KeyTile keys, int row, int rows, int* visible)
        where TCode : struct, IWeightCode
    {
        var arguments = new TileArguments
        {
            Low = keys.Low,
            High = keys.High,
            Stride = keys.KeyStride,
            Length = _headDim,
            Input = _queries + (row * _headDim),
            Output = _scores,
            OutputStride = TileUses.Width,
        };
        AttentionTiles<TSimd, TVec, TCode>.Scores[rows](&arguments);
        Softmax(rows, _highest + row, _sums + (row * MaxLanes), visible, keys);
        arguments.Stride = keys.ValueStride;
        arguments.Jump = keys.ValueJump;
        arguments.Length = visible[rows - 1];
        arguments.Input = _scores;
        arguments.Scales = _decays;
        arguments.OutputStride = _width;
        for (var column = 0; column < _width; column += TileUses.Width)
        {
            arguments.Low = keys.Value + column;
            arguments.High = arguments.Low + (TileUses.Width / 2);
            arguments.Output = _outputs + (row * _width) + column;
            AttentionTiles<TSimd, TVec, TCode>.Values[rows](&arguments);
        }
    }

    /// <summary>Writes a row's result.</summary>
    public void Finish(int row, float* target)
    {
        var source = _outputs + (row * _width);
        var scale = 1 / TSimd.Sum(TSimd.Load(_sums + (row * MaxLanes)));
        for (var d = 0; d < _headDim; d++) target[d] = source[d] * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Softmax(int rows, float* rowHighest, float* rowSums, int* visible, in KeyTile keys)
    {
        for (var r = 0; r < rows; r++)
        {
            var row = _scores + (r * TileUses.Width);
            for (var c = 0; keys.HasScales && c < TileUses.Width; c += TSimd.Lanes)
                TSimd.Store(row + c, TSimd.Multiply(TSimd.Load(row + c), TSimd.Load(keys.KeyScales(c))));
            for (var hidden = Math.Max(visible[r], 0); hidden < TileUses.Width; hidden++) row[hidden] = float.NegativeInfinity;
            var top = TSimd.Load(row);
            for (var c = TSimd.Lanes; c < TileUses.Width; c += TSimd.Lanes) top = TSimd.Max(top, TSimd.Load(row + c));
            var now = MathF.Max(rowHighest[r], TSimd.HighestLane(top));
            _decays[r] = rowHighest[r] - now;
            rowHighest[r] = now;
        }

        for (var r = 0; r < rows; r += TSimd.Lanes) TSimd.Store(_decays + r, Elementary<TSimd, TVec>.Exp(TSimd.Load(_decays + r)));
        for (var r = 0; r < rows; r++)
        {
            var row = _scores + (r * TileUses.Width);
            var top = TSimd.Broadcast(rowHighest[r]);
            var sum = TSimd.Multiply(TSimd.Load(rowSums + (r * MaxLanes)), TSimd.Broadcast(_decays[r]));
            for (var c = 0; c < TileUses.Width; c += TSimd.Lanes)
            {
                var p = Elementary<TSimd, TVec>.Exp(TSimd.Subtract(TSimd.Load(row + c), top));
                sum = TSimd.Add(sum, p);
                if (keys.HasScales) p = TSimd.Multiply(p, TSimd.Load(keys.ValueScales(c)));
                TSimd.Store(row + c, p);
            }

            TSimd.Store(rowSums + (r * MaxLanes), sum);
        }
    }
}
