using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Quantises rows for <see cref="IntegerInputs"/>. A NaN or an infinity makes the row's scale one, so that it is seen in the results.</summary>
internal readonly unsafe struct QuantizeJob(RowView x, TileSplit split, IntegerInputs form, byte* target) : ITeamJob
{
    /// <summary>The greatest integer of one plane.</summary>
    public const float Largest8 = 127;

    /// <summary>Below it, a segment counts as zeros: the divisor would overflow.</summary>
    public const float Smallest = 1e-30f;

    private const int Lanes = 16;
    private const float Largest16 = 32639;

    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(split.Tiles * form.Segments.Length))
        {
            for (var item = first; item < end; item++)
            {
                var (tile, index) = Math.DivRem(item, form.Segments.Length);
                var segment = form.Segments[index];
                var (row, height) = (split.FirstRow(tile), split.Height(tile));
                var strides = form.Strides(height, index);
                var block = target + ((nint)row * form.RowBytes) + ((nint)height * form.BytesBefore(index));
                for (var r = 0; r < height; r++) Quantize(x.Row(row + r) + segment.FirstInput, segment.Length, block, height, r, strides);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Quantize(float* source, int length, byte* block, int height, int row, IntegerStrides strides)
    {
        var (planes, perWord) = (form.Planes, form.PerWord);
        var whole = length & ~(Lanes - 1);
        var tail = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(length - whole)).AsSingle();
        var magnitude = whole == length ? Vector512<int>.Zero : Vector512.Abs(Tail(source + whole, tail)).AsInt32();
        for (var i = 0; i < whole; i += Lanes) magnitude = Vector512.Max(magnitude, Vector512.Abs(Vector512.Load(source + i)).AsInt32());
        var greatest = BitConverter.Int32BitsToSingle(Highest(magnitude));
        var largest = planes == 2 ? Largest16 : Largest8;
        ((float*)block)[row] = greatest < Smallest ? 0 : greatest / largest;
        var factor = Vector512.Create(greatest < Smallest ? 0 : largest / greatest);

        nint step = strides.Word;
        var units = block + (height * IntegerInputs.HeaderBytes) + (row * strides.Row);
        for (var plane = 0; length < strides.PlaneBytes && plane < planes; plane++)
            Vector512<byte>.Zero.Store(units + (plane * strides.Plane) + strides.PlaneBytes - Vector512<byte>.Count);
        var sums = Vector512<int>.Zero;
        for (var i = 0; i < length; i += Lanes)
        {
            var codes = Avx512F.ConvertToVector512Int32((i < whole ? Vector512.Load(source + i) : Tail(source + i, tail)) * factor);
            sums += codes;
            var low = Avx512F.ConvertToVector128SByte(codes);
            var high = Avx512F.ConvertToVector128SByte((codes + Vector512.Create(128)) >> 8);
            if (perWord == 8)
            {
                Scatter8(planes == 2 ? high : low, units, step, length - i);
                if (planes == 2) Scatter8(low, units + strides.Plane, step, length - i);
            }
            else
            {
                Scatter4(planes == 2 ? high : low, units, step, length - i);
                if (planes == 2) Scatter4(low, units + strides.Plane, step, length - i);
            }

            units += step * (Lanes / perWord);
        }

        ((int*)block)[height + row] = Vector512.Sum(sums) * form.SumFactor;
    }

    /// <summary>Puts 16 inputs' bytes where their words' units are, even inputs before odd ones, as the kernel meets them in nibbles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter8(Vector128<sbyte> bytes, byte* units, nint step, int left)
    {
        var evenThenOdd = Ssse3.Shuffle(bytes, Vector128.Create(0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15)).AsUInt64();
        *(ulong*)units = evenThenOdd[0];
        if (left > 8) *(ulong*)(units + step) = evenThenOdd[1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter4(Vector128<sbyte> bytes, byte* units, nint step, int left)
    {
        for (var word = 0; word < Lanes / 4 && word * 4 < left; word++) *(uint*)(units + (word * step)) = bytes.AsUInt32()[word];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Tail(float* source, Vector512<float> mask) => Avx512F.MaskLoad(source, mask, Vector512<float>.Zero);

    /// <summary>The highest of 16 integers.</summary>
    public static int Highest(Vector512<int> values)
    {
        var eight = Vector256.Max(values.GetLower(), values.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return Math.Max(Math.Max(four[0], four[1]), Math.Max(four[2], four[3]));
    }
}
