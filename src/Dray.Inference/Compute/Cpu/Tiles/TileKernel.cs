using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The inner loop of every product: R rows × 32 outputs in registers, two vectors wide, over a run of inputs. Each sum has one accumulator
/// that meets the inputs in order, whatever R, the code or the instruction set's width, so a row's result doesn't depend on its neighbours.
/// </summary>
/// <remarks>
/// <code>
///             outputs 0..L-1   L..2L-1          per input: 2 loads, 2 unpackings, R broadcasts, 2·R multiply-adds
///  x[k, 0]  ×   sum00            sum01          64·R flops for 32 weights and R input values
///  x[k, 1]  ×   sum10            sum11
///   ...
/// </code>
/// </remarks>
internal static unsafe class TileKernel<TSimd, TVec>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    /// <summary>Kernels by row count; the index is R, from 1.</summary>
    public static delegate*<TileArguments*, void>[] Table<TCode, TUse>()
        where TCode : struct, IWeightCode
        where TUse : struct, ITileUse =>
    [
        null,
        &Run<TCode, TUse, RowCounts.R1>,
        &Run<TCode, TUse, RowCounts.R2>,
        &Run<TCode, TUse, RowCounts.R3>,
        &Run<TCode, TUse, RowCounts.R4>,
        &Run<TCode, TUse, RowCounts.R5>,
        &Run<TCode, TUse, RowCounts.R6>,
        &Run<TCode, TUse, RowCounts.R7>,
        &Run<TCode, TUse, RowCounts.R8>,
        &Run<TCode, TUse, RowCounts.R9>,
        &Run<TCode, TUse, RowCounts.R10>,
        &Run<TCode, TUse, RowCounts.R11>,
        &Run<TCode, TUse, RowCounts.R12>,
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TCode, TUse, TRows>(TileArguments* arguments)
        where TCode : struct, IWeightCode
        where TUse : struct, ITileUse
        where TRows : struct, IRowCount
    {
        var table = TSimd.NibbleTable(arguments->CodeZero);
        var stride = arguments->Stride;
        for (var column = 0; column < TileUses.Width; column += 2 * TSimd.Lanes)
        {
            var left = Columns(arguments, column);
            var right = Columns(arguments, column + TSimd.Lanes);
            var offset0 = TCode.HasOffsets ? TSimd.Load(arguments->Offsets + column) : default;
            var offset1 = TCode.HasOffsets ? TSimd.Load(arguments->Offsets + column + TSimd.Lanes) : default;
            var x = arguments->Input;

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

            for (var remaining = arguments->Length; ;)
            {
                var run = TUse.IsPaged ? Math.Min(remaining, KvCache.BlockTokens) : remaining;
                remaining -= run;
                do
                {
                    var word0 = TSimd.Load(left);
                    var word1 = TSimd.Load(right);
                    left += stride;
                    right += stride;
                    var count = TCode.PerWord == 1 ? 1 : Math.Min(run, TCode.PerWord);
                    run -= count;
                    do
                    {
                        var w0 = TCode.Decode<TSimd, TVec>(word0, table, offset0);
                        var w1 = TCode.Decode<TSimd, TVec>(word1, table, offset1);
                        word0 = TCode.Next<TSimd, TVec>(word0);
                        word1 = TCode.Next<TSimd, TVec>(word1);

                        Multiply<TUse, TRows>(x, 0, w0, w1, ref s00, ref s01);
                        if (TRows.Value > 1) Multiply<TUse, TRows>(x, 1, w0, w1, ref s10, ref s11);
                        if (TRows.Value > 2) Multiply<TUse, TRows>(x, 2, w0, w1, ref s20, ref s21);
                        if (TRows.Value > 3) Multiply<TUse, TRows>(x, 3, w0, w1, ref s30, ref s31);
                        if (TRows.Value > 4) Multiply<TUse, TRows>(x, 4, w0, w1, ref s40, ref s41);
                        if (TRows.Value > 5) Multiply<TUse, TRows>(x, 5, w0, w1, ref s50, ref s51);
                        if (TRows.Value > 6) Multiply<TUse, TRows>(x, 6, w0, w1, ref s60, ref s61);
                        if (TRows.Value > 7) Multiply<TUse, TRows>(x, 7, w0, w1, ref s70, ref s71);
                        if (TRows.Value > 8) Multiply<TUse, TRows>(x, 8, w0, w1, ref s80, ref s81);
                        if (TRows.Value > 9) Multiply<TUse, TRows>(x, 9, w0, w1, ref s90, ref s91);
                        if (TRows.Value > 10) Multiply<TUse, TRows>(x, 10, w0, w1, ref s100, ref s101);
                        if (TRows.Value > 11) Multiply<TUse, TRows>(x, 11, w0, w1, ref s110, ref s111);
                        x += TUse.InputStep(TRows.Value);
                    }
                    while (TCode.PerWord > 1 && --count > 0);
                }
                while (run > 0);
                if (!TUse.IsPaged || remaining <= 0) break;
                left += arguments->Jump;
                right += arguments->Jump;
            }

            var output = arguments->Output + column;
            var outputStride = arguments->OutputStride;
            var scales = arguments->Scales;
            Finish<TUse>(output + (0 * outputStride), scales, 0, column, s00, s01);
            if (TRows.Value > 1) Finish<TUse>(output + (1 * outputStride), scales, 1, column, s10, s11);
            if (TRows.Value > 2) Finish<TUse>(output + (2 * outputStride), scales, 2, column, s20, s21);
            if (TRows.Value > 3) Finish<TUse>(output + (3 * outputStride), scales, 3, column, s30, s31);
            if (TRows.Value > 4) Finish<TUse>(output + (4 * outputStride), scales, 4, column, s40, s41);
            if (TRows.Value > 5) Finish<TUse>(output + (5 * outputStride), scales, 5, column, s50, s51);
            if (TRows.Value > 6) Finish<TUse>(output + (6 * outputStride), scales, 6, column, s60, s61);
            if (TRows.Value > 7) Finish<TUse>(output + (7 * outputStride), scales, 7, column, s70, s71);
            if (TRows.Value > 8) Finish<TUse>(output + (8 * outputStride), scales, 8, column, s80, s81);
            if (TRows.Value > 9) Finish<TUse>(output + (9 * outputStride), scales, 9, column, s90, s91);
            if (TRows.Value > 10) Finish<TUse>(output + (10 * outputStride), scales, 10, column, s100, s101);
            if (TRows.Value > 11) Finish<TUse>(output + (11 * outputStride), scales, 11, column, s110, s111);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Columns(TileArguments* arguments, int column) =>
        column < TileUses.Width / 2 ? arguments->Low + column : arguments->High + column - (TileUses.Width / 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply<TUse, TRows>(float* x, int row, TVec w0, TVec w1, ref TVec sum0, ref TVec sum1)
        where TUse : struct, ITileUse
        where TRows : struct, IRowCount
    {
        var value = TSimd.Broadcast(x[row * TUse.RowStep(TRows.Value)]);
        sum0 = TSimd.MultiplyAdd(value, w0, sum0);
        sum1 = TSimd.MultiplyAdd(value, w1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TUse>(float* output, float* scales, int row, int column, TVec sum0, TVec sum1)
        where TUse : struct, ITileUse
    {
        TUse.Finish<TSimd, TVec>(sum0, output, scales, row, column);
        TUse.Finish<TSimd, TVec>(sum1, output + TSimd.Lanes, scales, row, column + TSimd.Lanes);
    }
}
