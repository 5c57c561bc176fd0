using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// <c>C[m, n] = A · B</c> or <c>C += A · B</c> for matrices that lie in the first- and second-level cache. A is broadcast number by number, so
/// it may be transposed; rows of B and C are contiguous.
/// </summary>
/// <remarks>
/// A tile is up to 6 rows × 4 vectors of C in registers: 24 multiply-adds for 6 broadcasts and 4 loads. Every sum meets its terms in order.
/// </remarks>
internal static unsafe class SmallProduct<TSimd, TVec>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    /// <summary>Rows of a full tile.</summary>
    public const int TileRows = 6;

    /// <summary>Gets the columns of a tile, which those of B and C are a multiple of.</summary>
    public static int TileColumns => 4 * TSimd.Lanes;

    /// <summary>Columns rounded up to whole tiles.</summary>
    public static int Padded(int columns) => (columns + TileColumns - 1) / TileColumns * TileColumns;

    /// <summary>Multiplies.</summary>
    /// <param name="a">[rows, steps].</param>
    /// <param name="b">[steps, columns].</param>
    /// <param name="c">[rows, columns].</param>
    /// <param name="rows">m.</param>
    /// <param name="columns">n, a multiple of <see cref="TileColumns"/>.</param>
    /// <param name="steps">Terms of a sum.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    public static void Run(MatrixView a, MatrixView b, MatrixView c, int rows, int columns, int steps, bool accumulate)
    {
        for (var column = 0; column < columns; column += TileColumns)
        {
            for (var row = 0; row < rows; row += TileRows)
            {
                var (left, right, target) = (a.From(row, 0), b.From(0, column), c.From(row, column));
                switch (Math.Min(TileRows, rows - row))
                {
                    case 6: Tile<RowCounts.R6>(left, right, target, steps, accumulate); break;
                    case 5: Tile<RowCounts.R5>(left, right, target, steps, accumulate); break;
                    case 4: Tile<RowCounts.R4>(left, right, target, steps, accumulate); break;
                    case 3: Tile<RowCounts.R3>(left, right, target, steps, accumulate); break;
                    case 2: Tile<RowCounts.R2>(left, right, target, steps, accumulate); break;
                    default: Tile<RowCounts.R1>(left, right, target, steps, accumulate); break;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows>(MatrixView left, MatrixView right, MatrixView target, int steps, bool accumulate)
        where TRows : struct, IRowCount
    {
        TVec s00 = default, s01 = default, s02 = default, s03 = default;
        TVec s10 = default, s11 = default, s12 = default, s13 = default;
        TVec s20 = default, s21 = default, s22 = default, s23 = default;
        TVec s30 = default, s31 = default, s32 = default, s33 = default;
        TVec s40 = default, s41 = default, s42 = default, s43 = default;
        TVec s50 = default, s51 = default, s52 = default, s53 = default;

        var (row, step, next) = (left.RowStride, left.ColumnStride, right.RowStride);
        var a = left.Data;
        var b = right.Data;
        var a3 = a + (3 * row);
        for (; steps > 0; steps--)
        {
            var b0 = TSimd.Load(b);
            var b1 = TSimd.Load(b + TSimd.Lanes);
            var b2 = TSimd.Load(b + (2 * TSimd.Lanes));
            var b3 = TSimd.Load(b + (3 * TSimd.Lanes));
            Add(*a, b0, b1, b2, b3, ref s00, ref s01, ref s02, ref s03);
            if (TRows.Value > 1) Add(a[row], b0, b1, b2, b3, ref s10, ref s11, ref s12, ref s13);
            if (TRows.Value > 2) Add(a[2 * row], b0, b1, b2, b3, ref s20, ref s21, ref s22, ref s23);
            if (TRows.Value > 3) Add(*a3, b0, b1, b2, b3, ref s30, ref s31, ref s32, ref s33);
            if (TRows.Value > 4) Add(a3[row], b0, b1, b2, b3, ref s40, ref s41, ref s42, ref s43);
            if (TRows.Value > 5) Add(a3[2 * row], b0, b1, b2, b3, ref s50, ref s51, ref s52, ref s53);
            a += step;
            a3 += step;
            b += next;
        }

        var c = target.Data;
        Store(c, accumulate, s00, s01, s02, s03);
        if (TRows.Value > 1) Store(c += target.RowStride, accumulate, s10, s11, s12, s13);
        if (TRows.Value > 2) Store(c += target.RowStride, accumulate, s20, s21, s22, s23);
        if (TRows.Value > 3) Store(c += target.RowStride, accumulate, s30, s31, s32, s33);
        if (TRows.Value > 4) Store(c += target.RowStride, accumulate, s40, s41, s42, s43);
        if (TRows.Value > 5) Store(c + target.RowStride, accumulate, s50, s51, s52, s53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float a, TVec b0, TVec b1, TVec b2, TVec b3, ref TVec s0, ref TVec s1, ref TVec s2, ref TVec s3)
    {
        var x = TSimd.Broadcast(a);
        s0 = TSimd.MultiplyAdd(x, b0, s0);
        s1 = TSimd.MultiplyAdd(x, b1, s1);
        s2 = TSimd.MultiplyAdd(x, b2, s2);
        s3 = TSimd.MultiplyAdd(x, b3, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, bool accumulate, TVec s0, TVec s1, TVec s2, TVec s3)
    {
        if (accumulate)
        {
            s0 = TSimd.Add(TSimd.Load(c), s0);
            s1 = TSimd.Add(TSimd.Load(c + TSimd.Lanes), s1);
            s2 = TSimd.Add(TSimd.Load(c + (2 * TSimd.Lanes)), s2);
            s3 = TSimd.Add(TSimd.Load(c + (3 * TSimd.Lanes)), s3);
        }

        TSimd.Store(c, s0);
        TSimd.Store(c + TSimd.Lanes, s1);
        TSimd.Store(c + (2 * TSimd.Lanes), s2);
        TSimd.Store(c + (3 * TSimd.Lanes), s3);
    }
}
