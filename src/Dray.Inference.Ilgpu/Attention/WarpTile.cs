using System.Runtime.CompilerServices;
using Dray.Inference.Compute;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>
/// Attention of a warp's 16 query rows over one block of 16 tokens after another, on tensor cores. Keys and values go from memory to
/// registers; queries, scaled, lie in shared memory as first operands, and each lane reads only what it wrote itself.
/// </summary>
/// <remarks>
/// Queries and weights are sums of two bf16 each, 16 bits of mantissa: one would cost 2⁻⁹ of relative error in every score and weight.
/// <code>
///  scores   2 tiles of 16 rows × 8 tokens      headDim / 16 steps, each 2 · 2 products
///  values   headDim / 8 tiles                  2 products each
/// </code>
/// Per block and KV head of 128: 4,224 bytes in fp8, 64 products.
/// </remarks>
internal struct WarpTile<TCodec, TWidth>
    where TCodec : struct, IFragmentCodec
    where TWidth : struct, IHeadWidth
{
    /// <summary>Sums over values by dimension.</summary>
    public TileGroup G0;

    /// <summary>As G0.</summary>
    public TileGroup G1;

    /// <summary>As G0; heads of 128 only.</summary>
    public TileGroup G2;

    /// <summary>As G2.</summary>
    public TileGroup G3;

    /// <summary>Largest score of the upper row, g.</summary>
    public float LargestUpper;

    /// <summary>Largest score of the lower row, g + 8.</summary>
    public float LargestLower;

    /// <summary>Sums of weights of the upper row: the lane's share.</summary>
    public float WeightUpper;

    /// <summary>As WeightUpper, of the lower row.</summary>
    public float WeightLower;

    /// <summary>Words of shared memory that a warp's queries take.</summary>
    public const int QueryWords = MaxSteps * 2 * WarpProduct.Lanes;

    private const int MaxSteps = 8;

    /// <summary>Nothing summed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpTile<TCodec, TWidth> Empty() => new() { LargestUpper = AttentionTile.NoScore, LargestLower = AttentionTile.NoScore };

    /// <summary>Brings the lane's part of the queries in; a row that is not there is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadQueries(DeviceTensor q, long upper, long lower, ArrayView<Word4> queries)
    {
        var lane = Group.IdxX % WarpProduct.Lanes;
        var t = lane % 4;
        var scale = 1.44269504f / MathF.Sqrt(default(TWidth).Groups * 32);
        for (var step = 0; step < default(TWidth).Groups * 2; step++)
        {
            var (d0, d1) = (default(TCodec).QueryDim(step, t, 0), default(TCodec).QueryDim(step, t, 1));
            var (d2, d3) = (d0 + default(TCodec).QueryStep, d1 + default(TCodec).QueryStep);
            var (a0, b0, a1, b1) = (Query(q, upper, d0, scale), Query(q, upper, d2, scale), Query(q, upper, d1, scale), Query(q, upper, d3, scale));
            var (e0, f0, e1, f1) = (Query(q, lower, d0, scale), Query(q, lower, d2, scale), Query(q, lower, d1, scale), Query(q, lower, d3, scale));
            var high = new Word4(WarpProduct.Pack(a0, b0), WarpProduct.Pack(e0, f0), WarpProduct.Pack(a1, b1), WarpProduct.Pack(e1, f1));
            var rest = new Word4(
                WarpProduct.PackRest(a0, b0, high.X), WarpProduct.PackRest(e0, f0, high.Y), WarpProduct.PackRest(a1, b1, high.Z), WarpProduct.PackRest(e1, f1, high.W));
            queries[(2 * step * WarpProduct.Lanes) + lane] = high;
            queries[(((2 * step) + 1) * WarpProduct.Lanes) + lane] = rest;
        }
    }

    /// <summary>Takes a block in.</summary>
    /// <param name="product">What multiplies.</param>
    /// <param name="words">The layer.</param>
    /// <param name="queries">The warp's queries.</param>
    /// <param name="block">The block's first word.</param>
    /// <param name="geometry">Where numbers lie.</param>
    /// <param name="upper">How many of the block's tokens the upper row sees; more than 16 is all, 0 or less none.</param>
    /// <param name="lower">As upper.</param>
    /// <param name="context">How many of them there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Attend(WarpProduct product, ArrayView<uint> words, ArrayView<Word4> queries, long block, KvGeometry geometry, int upper, int lower, int context)
    {
        var chunks = words.Cast<Word4>();
        var lane = Group.IdxX % WarpProduct.Lanes;
        var (g, t) = (lane / 4, lane % 4);
        var key0 = (block + geometry.Key(default(TCodec).TokenOf(0, g))) / 4;
        var key1 = (block + geometry.Key(default(TCodec).TokenOf(1, g))) / 4;
        var (s0, s1) = (default(Quad), default(Quad));
        for (var group = 0; group < default(TWidth).Groups / 2; group++)
        {
            var first = default(TCodec).Keys(chunks, key0, group, t);
            var second = default(TCodec).Keys(chunks, key1, group, t);
            var at = (8 * group * WarpProduct.Lanes) + lane;
            Score(product, ref s0, ref s1, queries, at, first.Low.X, first.High.X, second.Low.X, second.High.X);
            Score(product, ref s0, ref s1, queries, at + (2 * WarpProduct.Lanes), first.Low.Y, first.High.Y, second.Low.Y, second.High.Y);
            Score(product, ref s0, ref s1, queries, at + (4 * WarpProduct.Lanes), first.Low.Z, first.High.Z, second.Low.Z, second.High.Z);
            Score(product, ref s0, ref s1, queries, at + (6 * WarpProduct.Lanes), first.Low.W, first.High.W, second.Low.W, second.High.W);
        }

        var (k00, k01) = (default(TCodec).TokenOf(0, 2 * t), default(TCodec).TokenOf(0, (2 * t) + 1));
        var (k10, k11) = (default(TCodec).TokenOf(1, 2 * t), default(TCodec).TokenOf(1, (2 * t) + 1));
        var (v00, v01, v10, v11) = (1f, 1f, 1f, 1f);
        if (default(TCodec).HasScales)
        {
            var scales = block + geometry.Scale(0);
            var (c00, c01) = (Float(words, scales + k00), Float(words, scales + k01));
            var (c10, c11) = (Float(words, scales + k10), Float(words, scales + k11));
            s0 = new Quad(s0.X * c00, s0.Y * c01, s0.Z * c00, s0.W * c01);
            s1 = new Quad(s1.X * c10, s1.Y * c11, s1.Z * c10, s1.W * c11);
            scales += KvCache.BlockTokens;
            (v00, v01, v10, v11) = (Scale(words, scales, k00, context), Scale(words, scales, k01, context), Scale(words, scales, k10, context), Scale(words, scales, k11, context));
        }

        var largestUpper = RowLargest(LargestUpper, k00 < upper, s0.X, k01 < upper, s0.Y, k10 < upper, s1.X, k11 < upper, s1.Y);
        var largestLower = RowLargest(LargestLower, k00 < lower, s0.Z, k01 < lower, s0.W, k10 < lower, s1.Z, k11 < lower, s1.W);
        var (changeUpper, changeLower) = (ExactMath.Exp2(LargestUpper - largestUpper), ExactMath.Exp2(LargestLower - largestLower));
        (LargestUpper, LargestLower) = (largestUpper, largestLower);
        var p0 = new Quad(
            Weight(k00 < upper, s0.X, largestUpper), Weight(k01 < upper, s0.Y, largestUpper), Weight(k00 < lower, s0.Z, largestLower), Weight(k01 < lower, s0.W, largestLower));
        var p1 = new Quad(
            Weight(k10 < upper, s1.X, largestUpper), Weight(k11 < upper, s1.Y, largestUpper), Weight(k10 < lower, s1.Z, largestLower), Weight(k11 < lower, s1.W, largestLower));
        WeightUpper = ExactMath.Multiply(WeightUpper, changeUpper) + ((p0.X + p0.Y) + (p1.X + p1.Y));
        WeightLower = ExactMath.Multiply(WeightLower, changeLower) + ((p0.Z + p0.W) + (p1.Z + p1.W));
        var (w00, w01, w10, w11) = (p0.X * v00, p0.Y * v01, p1.X * v10, p1.Y * v11);
        var (x00, x01, x10, x11) = (p0.Z * v00, p0.W * v01, p1.Z * v10, p1.W * v11);
        var weights = new Word4(WarpProduct.Pack(w00, w01), WarpProduct.Pack(x00, x01), WarpProduct.Pack(w10, w11), WarpProduct.Pack(x10, x11));
        var rest = new Word4(
            WarpProduct.PackRest(w00, w01, weights.X), WarpProduct.PackRest(x00, x01, weights.Y), WarpProduct.PackRest(w10, w11, weights.Z), WarpProduct.PackRest(x10, x11, weights.W));
        var values = (block + geometry.AreaWords) / 4;
        var there = context - (4 * t);
        G0.Scale(changeUpper, changeLower);
        G0.Add(product, weights, rest, default(TCodec).Values(chunks, values, 0, lane, there));
        G1.Scale(changeUpper, changeLower);
        G1.Add(product, weights, rest, default(TCodec).Values(chunks, values, 1, lane, there));
        if (default(TWidth).Groups < 4) return;
        G2.Scale(changeUpper, changeLower);
        G2.Add(product, weights, rest, default(TCodec).Values(chunks, values, 2, lane, there));
        G3.Scale(changeUpper, changeLower);
        G3.Add(product, weights, rest, default(TCodec).Values(chunks, values, 3, lane, there));
    }

    /// <summary>Adds the lanes' shares of the sums of weights up; must be called once, after the last block of a partition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Finish()
    {
        WeightUpper += Warp.ShuffleXor(WeightUpper, 1);
        WeightUpper += Warp.ShuffleXor(WeightUpper, 2);
        WeightLower += Warp.ShuffleXor(WeightLower, 1);
        WeightLower += Warp.ShuffleXor(WeightLower, 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Score(WarpProduct product, ref Quad s0, ref Quad s1, ArrayView<Word4> queries, int at, uint low0, uint high0, uint low1, uint high1)
    {
        var (query, rest) = (queries[at], queries[at + WarpProduct.Lanes]);
        s0 = product.Add(product.Add(s0, query, low0, high0), rest, low0, high0);
        s1 = product.Add(product.Add(s1, query, low1, high1), rest, low1, high1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float RowLargest(float largest, bool sees0, float s0, bool sees1, float s1, bool sees2, float s2, bool sees3, float s3)
    {
        if (sees0 && s0 > largest) largest = s0;
        if (sees1 && s1 > largest) largest = s1;
        if (sees2 && s2 > largest) largest = s2;
        if (sees3 && s3 > largest) largest = s3;
        largest = Larger(largest, Warp.ShuffleXor(largest, 1));
        return Larger(largest, Warp.ShuffleXor(largest, 2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Larger(float a, float b) => b > a ? b : a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Weight(bool sees, float score, float largest) => sees ? ExactMath.Exp2(score - largest) : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Query(DeviceTensor q, long row, int d, float scale) => row < 0 ? 0 : q.Data[row + d] * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Float(ArrayView<uint> words, long at) => Interop.IntAsFloat(words[at]);

    /// <summary>The scale of a value; 1 where there is none, for what lies there may be NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Scale(ArrayView<uint> words, long scales, int token, int context) => token < context ? Float(words, scales + token) : 1;
}
