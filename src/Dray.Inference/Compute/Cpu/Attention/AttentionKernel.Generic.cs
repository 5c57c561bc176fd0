using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The two products of attention for a tile of R query rows and up to 64 keys: R rows × two vectors in registers. Each sum has one
/// accumulator that meets its terms in order, whatever R, the code or the vectors' width, so a row's result doesn't depend on its neighbours.
/// </summary>
/// <remarks>
/// <code>
///  scores   S [R][64]    = Q [R][headDim] · K [headDim][64]       a vector holds the same dimension of successive tokens: no horizontal sums
///  outputs  O [R][width] = decay · O + P [R][64] · V [64][width]  a vector holds successive dimensions of one token
/// </code>
/// A number of the cache is decoded once for all R rows. Per vector of 16 numbers R multiply-adds, and 3 operations to decode fp8, 2 for bf16.
/// </remarks>
internal static unsafe class AttentionKernel<TSimd, TVec, TCode>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
    where TCode : struct, IKvCode
{
    /// <summary>The product of queries and keys, by row count.</summary>
    public static readonly delegate*<AttentionArguments*, void>[] Scores =
    [
        null,
        &Score<RowCounts.R1>,
        &Score<RowCounts.R2>,
        &Score<RowCounts.R3>,
        &Score<RowCounts.R4>,
        &Score<RowCounts.R5>,
        &Score<RowCounts.R6>,
        &Score<RowCounts.R7>,
        &Score<RowCounts.R8>,
        &Score<RowCounts.R9>,
        &Score<RowCounts.R10>,
        &Score<RowCounts.R11>,
        &Score<RowCounts.R12>,
    ];

    /// <summary>The product of probabilities and values, by row count.</summary>
    public static readonly delegate*<AttentionArguments*, void>[] Outputs =
    [
        null,
        &Output<RowCounts.R1>,
        &Output<RowCounts.R2>,
        &Output<RowCounts.R3>,
        &Output<RowCounts.R4>,
        &Output<RowCounts.R5>,
        &Output<RowCounts.R6>,
        &Output<RowCounts.R7>,
        &Output<RowCounts.R8>,
        &Output<RowCounts.R9>,
        &Output<RowCounts.R10>,
        &Output<RowCounts.R11>,
        &Output<RowCounts.R12>,
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score<TRows>(AttentionArguments* arguments)
        where TRows : struct, IRowCount
    {
        var tile = arguments->Tile;
        for (var column = 0; column < arguments->Tokens; column += 2 * TSimd.Lanes)
        {
            var block0 = column / KvCache.BlockTokens;
            var block1 = (column + TSimd.Lanes) / KvCache.BlockTokens;
            var keys0 = tile.Block(block0) + (column % KvCache.BlockTokens);
            var keys1 = tile.Block(block1) + ((column + TSimd.Lanes) % KvCache.BlockTokens);
            var ahead0 = (nint)tile.Next(block0) - (nint)tile.Block(block0);
            var ahead1 = (nint)tile.Next(block1) - (nint)tile.Block(block1);
            var x = arguments->Queries;

            TVec s00 = default, s01 = default;
            TVec s10 = default, s11 = default;
            TVec s20 = default, s21 = default;
            TVec s30 = default, s31 = default;
            TVec s40 = default, s41 = default;
            TVec s50 = default, s51 = default;
            TVec s60 = default, s61 = default;
            TVec s70 = default, s71 = default;
            TVec s80 = default, s81 = default;
            TVec s90 = default, s91 = default;
            TVec s100 = default, s101 = default;
            TVec s110 = default, s111 = default;

            for (var word = tile.KeyWords; word > 0; word--)
            {
                var word0 = TSimd.Load(keys0);
                var word1 = TSimd.Load(keys1);
                if (TCode.Streams) AttentionKernel.Prefetch(keys0, ahead0);
                if (TCode.Streams && TSimd.Lanes == KvCache.BlockTokens) AttentionKernel.Prefetch(keys1, ahead1);
                keys0 += KvCache.BlockTokens;
                keys1 += KvCache.BlockTokens;
                for (var i = 0; i < TCode.PerWord; i++)
                {
                    var w0 = TCode.Decode<TSimd, TVec>(word0);
                    var w1 = TCode.Decode<TSimd, TVec>(word1);
                    word0 = TCode.Next<TSimd, TVec>(word0);
                    word1 = TCode.Next<TSimd, TVec>(word1);

                    Multiply(x[0], w0, w1, ref s00, ref s01);
                    if (TRows.Value > 1) Multiply(x[1], w0, w1, ref s10, ref s11);
                    if (TRows.Value > 2) Multiply(x[2], w0, w1, ref s20, ref s21);
                    if (TRows.Value > 3) Multiply(x[3], w0, w1, ref s30, ref s31);
                    if (TRows.Value > 4) Multiply(x[4], w0, w1, ref s40, ref s41);
                    if (TRows.Value > 5) Multiply(x[5], w0, w1, ref s50, ref s51);
                    if (TRows.Value > 6) Multiply(x[6], w0, w1, ref s60, ref s61);
                    if (TRows.Value > 7) Multiply(x[7], w0, w1, ref s70, ref s71);
                    if (TRows.Value > 8) Multiply(x[8], w0, w1, ref s80, ref s81);
                    if (TRows.Value > 9) Multiply(x[9], w0, w1, ref s90, ref s91);
                    if (TRows.Value > 10) Multiply(x[10], w0, w1, ref s100, ref s101);
                    if (TRows.Value > 11) Multiply(x[11], w0, w1, ref s110, ref s111);
                    x += TRows.Value;
                }
            }

            var scores = arguments->Scores + column;
            Store(scores + (0 * KvTile.Tokens), s00, s01);
            if (TRows.Value > 1) Store(scores + (1 * KvTile.Tokens), s10, s11);
            if (TRows.Value > 2) Store(scores + (2 * KvTile.Tokens), s20, s21);
            if (TRows.Value > 3) Store(scores + (3 * KvTile.Tokens), s30, s31);
            if (TRows.Value > 4) Store(scores + (4 * KvTile.Tokens), s40, s41);
            if (TRows.Value > 5) Store(scores + (5 * KvTile.Tokens), s50, s51);
            if (TRows.Value > 6) Store(scores + (6 * KvTile.Tokens), s60, s61);
            if (TRows.Value > 7) Store(scores + (7 * KvTile.Tokens), s70, s71);
            if (TRows.Value > 8) Store(scores + (8 * KvTile.Tokens), s80, s81);
            if (TRows.Value > 9) Store(scores + (9 * KvTile.Tokens), s90, s91);
            if (TRows.Value > 10) Store(scores + (10 * KvTile.Tokens), s100, s101);
            if (TRows.Value > 11) Store(scores + (11 * KvTile.Tokens), s110, s111);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Output<TRows>(AttentionArguments* arguments)
        where TRows : struct, IRowCount
    {
        var tile = arguments->Tile;
        var offset = tile.ValueOffset;
        var stride = tile.ValueStride;
        for (var column = 0; column < arguments->Width; column += 2 * TSimd.Lanes)
        {
            var x = arguments->Scores;

            TVec s00 = default, s01 = default;
            TVec s10 = default, s11 = default;
            TVec s20 = default, s21 = default;
            TVec s30 = default, s31 = default;
            TVec s40 = default, s41 = default;
            TVec s50 = default, s51 = default;
            TVec s60 = default, s61 = default;
            TVec s70 = default, s71 = default;
            TVec s80 = default, s81 = default;
            TVec s90 = default, s91 = default;
            TVec s100 = default, s101 = default;
            TVec s110 = default, s111 = default;

            var block = 0;
            for (var remaining = arguments->Tokens; remaining > 0; remaining -= KvCache.BlockTokens, block++)
            {
                var values = tile.Block(block) + offset + column;
                var ahead = (nint)tile.Next(block) - (nint)tile.Block(block);
                for (var run = Math.Min(remaining, KvCache.BlockTokens); run > 0; run -= TCode.PerWord)
                {
                    var word0 = TSimd.Load(values);
                    var word1 = TSimd.Load(values + TSimd.Lanes);
                    if (TCode.Streams) AttentionKernel.Prefetch(values, ahead);
                    if (TCode.Streams && TSimd.Lanes == KvCache.BlockTokens) AttentionKernel.Prefetch(values + TSimd.Lanes, ahead);
                    values += stride;
                    var count = TCode.PerWord == 1 ? 1 : Math.Min(run, TCode.PerWord);
                    do
                    {
                        var w0 = TCode.Decode<TSimd, TVec>(word0);
                        var w1 = TCode.Decode<TSimd, TVec>(word1);
                        word0 = TCode.Next<TSimd, TVec>(word0);
                        word1 = TCode.Next<TSimd, TVec>(word1);

                        Multiply(x[0], w0, w1, ref s00, ref s01);
                        if (TRows.Value > 1) Multiply(x[1 * KvTile.Tokens], w0, w1, ref s10, ref s11);
                        if (TRows.Value > 2) Multiply(x[2 * KvTile.Tokens], w0, w1, ref s20, ref s21);
                        if (TRows.Value > 3) Multiply(x[3 * KvTile.Tokens], w0, w1, ref s30, ref s31);
                        if (TRows.Value > 4) Multiply(x[4 * KvTile.Tokens], w0, w1, ref s40, ref s41);
                        if (TRows.Value > 5) Multiply(x[5 * KvTile.Tokens], w0, w1, ref s50, ref s51);
                        if (TRows.Value > 6) Multiply(x[6 * KvTile.Tokens], w0, w1, ref s60, ref s61);
                        if (TRows.Value > 7) Multiply(x[7 * KvTile.Tokens], w0, w1, ref s70, ref s71);
                        if (TRows.Value > 8) Multiply(x[8 * KvTile.Tokens], w0, w1, ref s80, ref s81);
                        if (TRows.Value > 9) Multiply(x[9 * KvTile.Tokens], w0, w1, ref s90, ref s91);
                        if (TRows.Value > 10) Multiply(x[10 * KvTile.Tokens], w0, w1, ref s100, ref s101);
                        if (TRows.Value > 11) Multiply(x[11 * KvTile.Tokens], w0, w1, ref s110, ref s111);
                        x++;
                    }
                    while (TCode.PerWord > 1 && --count > 0);
                }
            }

            var decays = arguments->Decays;
            var width = arguments->Width;
            var outputs = arguments->Outputs + column;
            Add(outputs + (0 * width), decays[0], s00, s01);
            if (TRows.Value > 1) Add(outputs + (1 * width), decays[1], s10, s11);
            if (TRows.Value > 2) Add(outputs + (2 * width), decays[2], s20, s21);
            if (TRows.Value > 3) Add(outputs + (3 * width), decays[3], s30, s31);
            if (TRows.Value > 4) Add(outputs + (4 * width), decays[4], s40, s41);
            if (TRows.Value > 5) Add(outputs + (5 * width), decays[5], s50, s51);
            if (TRows.Value > 6) Add(outputs + (6 * width), decays[6], s60, s61);
            if (TRows.Value > 7) Add(outputs + (7 * width), decays[7], s70, s71);
            if (TRows.Value > 8) Add(outputs + (8 * width), decays[8], s80, s81);
            if (TRows.Value > 9) Add(outputs + (9 * width), decays[9], s90, s91);
            if (TRows.Value > 10) Add(outputs + (10 * width), decays[10], s100, s101);
            if (TRows.Value > 11) Add(outputs + (11 * width), decays[11], s110, s111);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(float x, TVec w0, TVec w1, ref TVec sum0, ref TVec sum1)
    {
        var value = TSimd.Broadcast(x);
        sum0 = TSimd.MultiplyAdd(value, w0, sum0);
        sum1 = TSimd.MultiplyAdd(value, w1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, TVec sum0, TVec sum1)
    {
        TSimd.Store(target, sum0);
        TSimd.Store(target + TSimd.Lanes, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* target, float decay, TVec sum0, TVec sum1)
    {
        var factor = TSimd.Broadcast(decay);
        TSimd.Store(target, TSimd.MultiplyAdd(TSimd.Load(target), factor, sum0));
        TSimd.Store(target + TSimd.Lanes, TSimd.MultiplyAdd(TSimd.Load(target + TSimd.Lanes), factor, sum1));
    }
}
