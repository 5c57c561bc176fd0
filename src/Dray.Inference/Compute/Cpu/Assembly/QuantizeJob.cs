using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Quantises rows for <see cref="IntegerInputs"/>. A NaN or an infinity makes the row's scale one, so that it is seen in the results.</summary>
internal readonly unsafe struct QuantizeJob(RowView x, TileSplit split, IntegerInputs form, byte* target) : ITeamJob
{
    private const int Lanes = 16;
    private const float Largest16 = 32639;
    private const float Largest8 = 127;

    /// <summary>Below it, a segment counts as zeros: the divisor would overflow.</summary>
    private const float Smallest = 1e-30f;

    public void Execute(int thread, int threads)
    {
        var (first, end) = TeamShare.Of(split.Rows, thread, threads);
        for (var row = first; row < end; row++)
        {
            var tile = split.TileOf(row);
            var (firstRow, height) = (split.FirstRow(tile), split.Height(tile));
            for (var segment = 0; segment < form.Segments.Length; segment++)
            {
                var block = target + ((nint)firstRow * form.RowBytes) + ((nint)height * form.BytesBefore(segment));
                Quantize(x.Row(row) + form.Segments[segment].FirstInput, form.Segments[segment].Length, block, height, row - firstRow);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Quantize(float* source, int length, byte* block, int height, int row)
    {
        var whole = length & ~(Lanes - 1);
        var tail = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(length - whole)).AsSingle();
        var magnitude = Vector512<int>.Zero;
        for (var i = 0; i < whole; i += Lanes) magnitude = Vector512.Max(magnitude, Vector512.Abs(Vector512.Load(source + i)).AsInt32());
        if (whole < length) magnitude = Vector512.Max(magnitude, Vector512.Abs(Tail(source + whole, tail)).AsInt32());
        var greatest = BitConverter.Int32BitsToSingle(Highest(magnitude));
        var largest = form.Planes == 2 ? Largest16 : Largest8;
        ((float*)block)[row] = greatest < Smallest ? 0 : greatest / largest;
        var factor = Vector512.Create(greatest < Smallest ? 0 : largest / greatest);

        var step = (nint)height * form.Planes * form.PerWord;
        var units = block + (height * IntegerInputs.HeaderBytes) + (row * form.Planes * form.PerWord);
        var sums = Vector512<int>.Zero;
        for (var i = 0; i < length; i += Lanes, units += step * (Lanes / form.PerWord))
        {
            var values = i < whole ? Vector512.Load(source + i) : Tail(source + i, tail);
            var codes = Avx512F.ConvertToVector512Int32(values * factor);
            sums += codes;
            var words = (Math.Min(length - i, Lanes) + form.PerWord - 1) / form.PerWord;
            if (form.Planes == 2)
            {
                Scatter(Avx512F.ConvertToVector128SByte((codes + Vector512.Create(128)) >> 8), units, step, words);
                Scatter(Avx512F.ConvertToVector128SByte(codes), units + form.PerWord, step, words);
            }
            else
            {
                Scatter(Avx512F.ConvertToVector128SByte(codes), units, step, words);
            }
        }

        ((int*)block)[height + row] = Vector512.Sum(sums);
    }

    /// <summary>Puts 16 inputs' bytes where their words' units are, in the order in which the kernel meets them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Scatter(Vector128<sbyte> bytes, byte* units, nint step, int words)
    {
        if (form.PerWord == 4)
        {
            for (var word = 0; word < words; word++) *(uint*)(units + (word * step)) = bytes.AsUInt32()[word];
            return;
        }

        var evenThenOdd = Ssse3.Shuffle(bytes, Vector128.Create(0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15)).AsUInt64();
        *(ulong*)units = evenThenOdd[0];
        if (words > 1) *(ulong*)(units + step) = evenThenOdd[1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Tail(float* source, Vector512<float> mask) => Avx512F.MaskLoad(source, mask, Vector512<float>.Zero);

    private static int Highest(Vector512<int> values)
    {
        var eight = Vector256.Max(values.GetLower(), values.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return Math.Max(Math.Max(four[0], four[1]), Math.Max(four[2], four[3]));
    }
}
