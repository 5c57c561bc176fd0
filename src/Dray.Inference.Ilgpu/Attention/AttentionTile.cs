using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>
/// Attention of a tile of <see cref="TileRows.Count"/> query rows over keys in order, with the softmax done as the keys come (Milakov and
/// Gimelshein 2018; Dao et al. 2022). Plain code for any device: float32, shared memory and barriers, any group size.
/// </summary>
/// <remarks>
/// <code>
///  per tile of KeyTile keys:   thread = key        products with all rows       Weights[key][row]
///                              thread = row        maximum, and what it changes
///                              thread = (key, row) weights 2^(s − max)
///                              thread = dimension  Sums[d][row] += weight · value;  Sums[headDim] += weight
/// </code>
/// A row's bits depend on its keys' positions alone: tiles begin at multiples of <see cref="KeyTile"/>, and what lies behind a row's limit
/// changes nothing in it. Callers loop over tiles in a single loop: some OpenCL compilers break barriers in nested ones.
/// </remarks>
internal readonly struct AttentionTile
{
    /// <summary>The widest head.</summary>
    public const int MaxHeadDim = 256;

    /// <summary>Threads of a group on a real device.</summary>
    public const int Threads = 128;

    /// <summary>Threads of a group: ILGPU's emulation takes time for each thread at each barrier, so there the groups are small.</summary>
    public static int ThreadsOn(Accelerator accelerator) =>
        accelerator.AcceleratorType == AcceleratorType.CPU ? Math.Min(32, accelerator.MaxNumThreadsPerGroup) : Threads;

    /// <summary>Below every score.</summary>
    public const float NoScore = -1e30f;

    /// <summary>Keys taken in at a time; a partition is a number of such tiles.</summary>
    public const int KeyTile = 64;

    private const int Rows = TileRows.Count;

    private readonly ArrayView<float> _queries;
    private readonly ArrayView<float> _weights;
    private readonly ArrayView<float> _sums;
    private readonly ArrayView<float> _largest;
    private readonly ArrayView<float> _change;
    private readonly ArrayView<int> _limits;
    private readonly int _headDim;

    private AttentionTile(
        ArrayView<float> queries, ArrayView<float> weights, ArrayView<float> sums, ArrayView<float> largest, ArrayView<float> change, ArrayView<int> limits, int headDim)
    {
        (_queries, _weights, _sums, _largest, _change, _limits) = (queries, weights, sums, largest, change, limits);
        _headDim = headDim;
    }

    /// <summary>Takes 37 KiB of shared memory.</summary>
    public static AttentionTile Allocate(int headDim) => new(
        SharedMemory.Allocate<float>(MaxHeadDim * Rows),
        SharedMemory.Allocate<float>(KeyTile * Rows),
        SharedMemory.Allocate<float>((MaxHeadDim + 1) * Rows),
        SharedMemory.Allocate<float>(Rows),
        SharedMemory.Allocate<float>(Rows),
        SharedMemory.Allocate<int>(Rows),
        headDim);

    /// <summary>A row's weighted sum of values of dimension d.</summary>
    public float Sum(int row, int d) => _sums[(d * Rows) + row];

    /// <summary>A row's sum of weights.</summary>
    public float Weight(int row) => _sums[(_headDim * Rows) + row];

    /// <summary>A row's largest score.</summary>
    public float Largest(int row) => _largest[row];

    /// <summary>The last position that a row sees; −1 for a row that is not there.</summary>
    public int Limit(int row) => _limits[row];

    /// <summary>
    /// Brings the queries of a tile in. Row r is head <c>firstRow + r</c> modulo <paramref name="heads"/> of token <c>firstRow + r</c> over it.
    /// </summary>
    /// <param name="q">Queries.</param>
    /// <param name="token">The first token's row.</param>
    /// <param name="tokens">Tokens that are there.</param>
    /// <param name="firstHead">Query heads from this one take part.</param>
    /// <param name="heads">So many.</param>
    /// <param name="firstRow">The tile's first row.</param>
    /// <param name="limit">The last position that the first token sees.</param>
    /// <param name="limitStep">Positions that the next token sees more: 1 if attention is causal, else 0.</param>
    public void LoadQueries(DeviceTensor q, int token, int tokens, int firstHead, int heads, int firstRow, int limit, int limitStep)
    {
        var scale = 1.44269504f / MathF.Sqrt(_headDim);
        var width = (_headDim + 3) / 4 * 4;
        for (var i = Group.IdxX; i < width * Rows; i += Group.DimX)
        {
            var (row, d) = (i / width, i % width);
            var (t, head) = ((firstRow + row) / heads, firstHead + ((firstRow + row) % heads));
            var value = 0f;
            if (t < tokens && d < _headDim) value = q.Data[((long)(token + t) * q.Stride) + (head * _headDim) + d] * scale;
            _queries[(d * Rows) + row] = value;
        }

        for (var row = Group.IdxX; row < Rows; row += Group.DimX)
        {
            var t = (firstRow + row) / heads;
            _limits[row] = t < tokens ? limit + (t * limitStep) : -1;
        }

        Group.Barrier();
    }

    /// <summary>Takes in the keys of <paramref name="count"/> positions from <paramref name="at"/>, a multiple of <see cref="KeyTile"/>.</summary>
    /// <param name="source">Keys and values.</param>
    /// <param name="at">The first position.</param>
    /// <param name="count">Up to <see cref="KeyTile"/>.</param>
    /// <param name="afresh">Whether to forget what was summed before.</param>
    public void Attend<TSource>(TSource source, int at, int count, bool afresh)
        where TSource : struct, IKeyValueSource
    {
        Score(source, at, count);
        Group.Barrier();
        for (var row = Group.IdxX; row < Rows; row += Group.DimX) Raise(row, Math.Min(count, _limits[row] - at + 1), afresh);
        Group.Barrier();
        for (var i = Group.IdxX; i < count * Rows; i += Group.DimX)
        {
            var row = i % Rows;
            _weights[i] = at + (i / Rows) <= _limits[row] ? ExactMath.Exp2(_weights[i] - _largest[row]) : 0;
        }

        Group.Barrier();
        for (var d = Group.IdxX; d <= _headDim; d += Group.DimX) Accumulate(source, at, count, d, afresh);
        Group.Barrier();
    }

    private void Score<TSource>(TSource source, int first, int count)
        where TSource : struct, IKeyValueSource
    {
        for (var key = Group.IdxX; key < count; key += Group.DimX)
        {
            var at = source.KeyAt(first + key);
            var sums = default(TileRows);
            for (var d = 0; d < _headDim; d += 4)
            {
                var quad = source.Key(at, d);
                sums.Add(quad.X, _queries, d * Rows);
                sums.Add(quad.Y, _queries, (d + 1) * Rows);
                sums.Add(quad.Z, _queries, (d + 2) * Rows);
                sums.Add(quad.W, _queries, (d + 3) * Rows);
            }

            sums.Store(_weights, key * Rows, source.KeyScale(first + key));
        }
    }

    private void Raise(int row, int visible, bool afresh)
    {
        var before = afresh ? NoScore : _largest[row];
        var largest = before;
        for (var key = 0; key < visible; key++)
        {
            var score = _weights[(key * Rows) + row];
            if (score > largest) largest = score;
        }

        _change[row] = ExactMath.Exp2(before - largest);
        _largest[row] = largest;
    }

    private void Accumulate<TSource>(TSource source, int first, int count, int d, bool afresh)
        where TSource : struct, IKeyValueSource
    {
        var sums = default(TileRows);
        if (!afresh)
        {
            sums = TileRows.Load(_sums, d * Rows);
            sums.Scale(_change);
        }

        if (d == _headDim)
        {
            for (var key = 0; key < count; key++) sums.Add(1, _weights, key * Rows);
        }
        else
        {
            var quad = default(Quad);
            for (var key = 0; key < count; key++)
            {
                if (key % 4 == 0) quad = source.Values(first + key, d);
                AddValue(ref sums, source, quad.Of(key % 4), first, key);
            }
        }

        sums.Store(_sums, d * Rows, 1);
    }

    /// <summary>A value behind a row's limit must not reach the row even with weight 0: it may be NaN.</summary>
    private void AddValue<TSource>(ref TileRows sums, TSource source, float value, int first, int key)
        where TSource : struct, IKeyValueSource
    {
        var scaled = value * source.ValueScale(first + key);
        if (first + key <= _limits[0]) sums.Add(scaled, _weights, key * Rows);
        else sums.AddVisible(scaled, _weights, key * Rows, _limits, first + key);
    }
}
