using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Quantises columns of a row-major matrix to int8, each over some rows with a scale of its own, and puts four successive rows' bytes of a column
/// into a word: the columns as they are needed where a product's depth runs along the rows.
/// </summary>
internal static unsafe class ColumnQuantizer
{
    /// <summary>Blocks of columns that are taken at once, so that a visit to a row fetches several cache lines.</summary>
    public const int Blocks = 4;

    /// <summary>What makes signed bytes unsigned: 128 more.</summary>
    public const uint Unsigned = 0x80808080;

    private const int RowsPerWord = 4;

    /// <summary>Quantises <see cref="Blocks"/> blocks of up to 16 columns.</summary>
    /// <param name="source">The first row's first column.</param>
    /// <param name="stride">Floats from a row to the next.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="width">Columns from a block to the next.</param>
    /// <param name="blocks">Where they go; a block that doesn't exist has no lanes.</param>
    /// <param name="flip">0 for signed bytes, or <see cref="Unsigned"/>.</param>
    /// <param name="sumFactor">What sums are multiplied by.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(float* source, nint stride, int rows, int width, ColumnBlock* blocks, uint flip, int sumFactor)
    {
        var (l0, l1, l2, l3) = (blocks[0].Lanes, blocks[1].Lanes, blocks[2].Lanes, blocks[3].Lanes);
        var (g0, g1, g2, g3) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
        var from = source;
        for (var row = 0; row < rows; row++, from += stride)
        {
            g0 = Vector512.Max(g0, Vector512.Abs(Load(from, l0)).AsInt32());
            g1 = Vector512.Max(g1, Vector512.Abs(Load(from + width, l1)).AsInt32());
            g2 = Vector512.Max(g2, Vector512.Abs(Load(from + (2 * width), l2)).AsInt32());
            g3 = Vector512.Max(g3, Vector512.Abs(Load(from + (3 * width), l3)).AsInt32());
        }

        var (f0, f1, f2, f3) = (Factors(g0, blocks), Factors(g1, blocks + 1), Factors(g2, blocks + 2), Factors(g3, blocks + 3));
        var (s0, s1, s2, s3) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
        var (t0, t1, t2, t3) = (blocks[0].Stride, blocks[1].Stride, blocks[2].Stride, blocks[3].Stride);
        var flips = Vector512.Create(flip);
        nint word = 0;
        for (var row = 0; row < rows; row += RowsPerWord, word++)
        {
            var (w0, w1, w2, w3) = (Vector512<uint>.Zero, Vector512<uint>.Zero, Vector512<uint>.Zero, Vector512<uint>.Zero);
            var byteOf = Vector512.Create(0xFFu);
            for (var i = 0; i < Math.Min(RowsPerWord, rows - row); i++)
            {
                from = source + ((row + i) * stride);
                var (c0, c1) = (Codes(from, l0, f0), Codes(from + width, l1, f1));
                var (c2, c3) = (Codes(from + (2 * width), l2, f2), Codes(from + (3 * width), l3, f3));
                (s0, s1, s2, s3) = (s0 + c0, s1 + c1, s2 + c2, s3 + c3);
                w0 |= (c0.AsUInt32() & byteOf) << (8 * i);
                w1 |= (c1.AsUInt32() & byteOf) << (8 * i);
                w2 |= (c2.AsUInt32() & byteOf) << (8 * i);
                w3 |= (c3.AsUInt32() & byteOf) << (8 * i);
            }

            Avx512F.MaskStore(blocks[0].Words + (word * t0), l0.AsUInt32(), w0 ^ flips);
            Avx512F.MaskStore(blocks[1].Words + (word * t1), l1.AsUInt32(), w1 ^ flips);
            Avx512F.MaskStore(blocks[2].Words + (word * t2), l2.AsUInt32(), w2 ^ flips);
            Avx512F.MaskStore(blocks[3].Words + (word * t3), l3.AsUInt32(), w3 ^ flips);
        }

        Sums(s0 * sumFactor, blocks);
        Sums(s1 * sumFactor, blocks + 1);
        Sums(s2 * sumFactor, blocks + 2);
        Sums(s3 * sumFactor, blocks + 3);
    }

    /// <summary>The lanes of the first <paramref name="count"/> columns.</summary>
    public static Vector512<float> First(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(float* source, Vector512<float> columns) => Avx512F.MaskLoad(source, columns, Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Codes(float* source, Vector512<float> columns, Vector512<float> factors) =>
        Avx512F.ConvertToVector512Int32(Load(source, columns) * factors);

    private static Vector512<float> Factors(Vector512<int> greatest, ColumnBlock* block)
    {
        var magnitude = greatest.AsSingle();
        var isZero = Vector512.LessThan(magnitude, Vector512.Create(QuantizeJob.Smallest));
        Avx512F.MaskStore(block->Scales, block->Lanes, Vector512.AndNot(magnitude * (1 / QuantizeJob.Largest8), isZero));
        return Vector512.AndNot(Vector512.Create(QuantizeJob.Largest8) / magnitude, isZero);
    }

    private static void Sums(Vector512<int> sums, ColumnBlock* block)
    {
        if (block->Sums != null) Avx512F.MaskStore(block->Sums, block->Lanes.AsInt32(), sums);
    }
}
