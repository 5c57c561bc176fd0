using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Transposes rows of 32-bit words to [words][32]. Compiled in full at the first call: a load is over before the runtime would have got to it.</summary>
internal static unsafe class WordTranspose
{
    private const int Block = 8;

    /// <summary>Writes word w of row n to <c>target[32·w + n]</c>.</summary>
    /// <param name="rows">The first row; rows need not be aligned.</param>
    /// <param name="rowBytes">Bytes from one row to the next.</param>
    /// <param name="count">Rows, at most 32.</param>
    /// <param name="words">Words of each row.</param>
    /// <param name="target">[words][32].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(byte* rows, nint rowBytes, int count, int words, uint* target)
    {
        // Eight rows at a time: more than the first-level cache has ways would push each other out where rows lie powers of two apart.
        for (var n = 0; n < count; n += Block)
        {
            var source = rows + (n * rowBytes);
            var word = 0;
            if (Avx.IsSupported && count - n >= Block)
            {
                for (; word + Block <= words; word += Block) Transpose(source + (word * sizeof(uint)), rowBytes, target + ((nint)word * WeightStrip.Width) + n);
            }

            for (; word < words; word++)
            {
                for (var i = 0; i < Math.Min(Block, count - n); i++)
                    target[((nint)word * WeightStrip.Width) + n + i] = Unsafe.ReadUnaligned<uint>(source + (i * rowBytes) + (word * sizeof(uint)));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(byte* source, nint rowBytes, uint* target)
    {
        // Pairs of rows by words, pairs of pairs by two words, then halves.
        Pairs(source, rowBytes, 0, out var a0, out var a1, out var a2, out var a3);
        Pairs(source, rowBytes, 4, out var b0, out var b1, out var b2, out var b3);
        Store(target, 0, a0, b0);
        Store(target, 1, a1, b1);
        Store(target, 2, a2, b2);
        Store(target, 3, a3, b3);
    }

    /// <summary>Words 0 and 4, 1 and 5, 2 and 6, 3 and 7 of four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pairs(
        byte* source, nint rowBytes, int row, out Vector256<double> a, out Vector256<double> b, out Vector256<double> c, out Vector256<double> d)
    {
        source += row * rowBytes;
        var (r0, r1) = (Avx.LoadVector256((float*)source), Avx.LoadVector256((float*)(source + rowBytes)));
        var (r2, r3) = (Avx.LoadVector256((float*)(source + (2 * rowBytes))), Avx.LoadVector256((float*)(source + (3 * rowBytes))));
        var (low01, high01) = (Avx.UnpackLow(r0, r1).AsDouble(), Avx.UnpackHigh(r0, r1).AsDouble());
        var (low23, high23) = (Avx.UnpackLow(r2, r3).AsDouble(), Avx.UnpackHigh(r2, r3).AsDouble());
        (a, b) = (Avx.UnpackLow(low01, low23), Avx.UnpackHigh(low01, low23));
        (c, d) = (Avx.UnpackLow(high01, high23), Avx.UnpackHigh(high01, high23));
    }

    /// <summary>Stores word <paramref name="word"/> of all eight rows, and the word four further on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(uint* target, int word, Vector256<double> low, Vector256<double> high)
    {
        Avx.Store((double*)(target + (word * WeightStrip.Width)), Avx.Permute2x128(low, high, 0x20));
        Avx.Store((double*)(target + ((word + 4) * WeightStrip.Width)), Avx.Permute2x128(low, high, 0x31));
    }
}
