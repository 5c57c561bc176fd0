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
    public static delegate*<TileArguments*, void>[] Table<TCode>()
        where TCode : struct, IWeightCode =>
    [
        null,
        &Run<TCode, RowCounts.R1>,
        &Run<TCode, RowCounts.R2>,
        &Run<TCode, RowCounts.R3>,
        &Run<TCode, RowCounts.R4>,
        &Run<TCode, RowCounts.R5>,
        &Run<TCode, RowCounts.R6>,
        &Run<TCode, RowCounts.R7>,
        &Run<TCode, RowCounts.R8>,
        &Run<TCode, RowCounts.R9>,
        &Run<TCode, RowCounts.R10>,
        &Run<TCode, RowCounts.R11>,
        &Run<TCode, RowCounts.R12>,
    ];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TCode, TRows>(TileArguments* arguments)
        where TCode : struct, IWeightCode
        where TRows : struct, IRowCount
    {
        var table = TSimd.NibbleTable(arguments->CodeZero);
        for (var column = 0; column < WeightStrip.Width; column += 2 * TSimd.Lanes)
        {
            var words = arguments->Words + column;
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

            var remaining = arguments->Length;
            do
            {
                var word0 = TSimd.Load(words);
                var word1 = TSimd.Load(words + TSimd.Lanes);
                words += WeightStrip.Width;
                var count = TCode.PerWord == 1 ? 1 : Math.Min(remaining, TCode.PerWord);
                remaining -= count;
                do
                {
                    var w0 = TCode.Decode<TSimd, TVec>(word0, table, offset0);
                    var w1 = TCode.Decode<TSimd, TVec>(word1, table, offset1);
                    word0 = TCode.Next<TSimd, TVec>(word0);
                    word1 = TCode.Next<TSimd, TVec>(word1);

                    Multiply(x, 0, w0, w1, ref s00, ref s01);
                    if (TRows.Value > 1) Multiply(x, 1, w0, w1, ref s10, ref s11);
                    if (TRows.Value > 2) Multiply(x, 2, w0, w1, ref s20, ref s21);
                    if (TRows.Value > 3) Multiply(x, 3, w0, w1, ref s30, ref s31);
                    if (TRows.Value > 4) Multiply(x, 4, w0, w1, ref s40, ref s41);
                    if (TRows.Value > 5) Multiply(x, 5, w0, w1, ref s50, ref s51);
                    if (TRows.Value > 6) Multiply(x, 6, w0, w1, ref s60, ref s61);
                    if (TRows.Value > 7) Multiply(x, 7, w0, w1, ref s70, ref s71);
                    if (TRows.Value > 8) Multiply(x, 8, w0, w1, ref s80, ref s81);
                    if (TRows.Value > 9) Multiply(x, 9, w0, w1, ref s90, ref s91);
                    if (TRows.Value > 10) Multiply(x, 10, w0, w1, ref s100, ref s101);
                    if (TRows.Value > 11) Multiply(x, 11, w0, w1, ref s110, ref s111);
                    x += TRows.Value;
                }
                while (TCode.PerWord > 1 && --count > 0);
            }
            while (remaining > 0);

            var output = arguments->Output + column;
            var outputStride = arguments->OutputStride;
            var scale0 = TSimd.Load(arguments->Scales + column);
            var scale1 = TSimd.Load(arguments->Scales + column + TSimd.Lanes);
            Finish(output + (0 * outputStride), scale0, scale1, s00, s01);
            if (TRows.Value > 1) Finish(output + (1 * outputStride), scale0, scale1, s10, s11);
            if (TRows.Value > 2) Finish(output + (2 * outputStride), scale0, scale1, s20, s21);
            if (TRows.Value > 3) Finish(output + (3 * outputStride), scale0, scale1, s30, s31);
            if (TRows.Value > 4) Finish(output + (4 * outputStride), scale0, scale1, s40, s41);
            if (TRows.Value > 5) Finish(output + (5 * outputStride), scale0, scale1, s50, s51);
            if (TRows.Value > 6) Finish(output + (6 * outputStride), scale0, scale1, s60, s61);
            if (TRows.Value > 7) Finish(output + (7 * outputStride), scale0, scale1, s70, s71);
            if (TRows.Value > 8) Finish(output + (8 * outputStride), scale0, scale1, s80, s81);
            if (TRows.Value > 9) Finish(output + (9 * outputStride), scale0, scale1, s90, s91);
            if (TRows.Value > 10) Finish(output + (10 * outputStride), scale0, scale1, s100, s101);
            if (TRows.Value > 11) Finish(output + (11 * outputStride), scale0, scale1, s110, s111);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(float* x, int row, TVec w0, TVec w1, ref TVec sum0, ref TVec sum1)
    {
        var value = TSimd.Broadcast(x[row]);
        sum0 = TSimd.MultiplyAdd(value, w0, sum0);
        sum1 = TSimd.MultiplyAdd(value, w1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* output, TVec scale0, TVec scale1, TVec sum0, TVec sum1)
    {
        TSimd.Store(output, TSimd.MultiplyAdd(scale0, sum0, TSimd.Load(output)));
        TSimd.Store(output + TSimd.Lanes, TSimd.MultiplyAdd(scale1, sum1, TSimd.Load(output + TSimd.Lanes)));
    }
}
