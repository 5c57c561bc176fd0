using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Quantises rows to one plane of int8 for byte codes, as <see cref="QuantizeJob"/> does, but four rows at a time, whose words are then written
/// together.
/// </summary>
internal readonly unsafe struct RowInputsJob(RowView x, TileSplit split, IntegerInputs form, byte* target) : ITeamJob
{
    private const int Lanes = 16;
    private const int RowsAtOnce = 4;

    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(split.Tiles))
        {
            for (var tile = first; tile < end; tile++)
            {
                for (var segment = 0; segment < form.Segments.Length; segment++) Pack(tile, segment);
            }
        }
    }

    private void Pack(int tile, int index)
    {
        var segment = form.Segments[index];
        var (row, height) = (split.FirstRow(tile), split.Height(tile));
        var block = target + ((nint)row * form.RowBytes) + ((nint)height * form.BytesBefore(index));
        var words = (uint*)(block + (height * IntegerInputs.HeaderBytes));
        var rows = stackalloc float*[RowsAtOnce];
        for (var r = 0; r < height; r += RowsAtOnce)
        {
            // Of fewer than four rows the last stands in for those that are missing; what it writes there is written over or cut off.
            var last = Math.Min(height - r, RowsAtOnce) - 1;
            for (var i = 0; i < RowsAtOnce; i++) rows[i] = x.Row(row + r + Math.Min(i, last)) + segment.FirstInput;
            Quantize(rows, last + 1, segment.Length, (float*)block + r, (int*)block + height + r, words + r, height);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Quantize(float** rows, int count, int length, float* scales, int* sums, uint* words, int height)
    {
        var factors = stackalloc float[RowsAtOnce];
        for (var i = 0; i < RowsAtOnce; i++)
        {
            var greatest = Greatest(rows[i], length);
            factors[i] = greatest < QuantizeJob.Smallest ? 0 : QuantizeJob.Largest8 / greatest;
            if (i < count) scales[i] = greatest < QuantizeJob.Smallest ? 0 : greatest / QuantizeJob.Largest8;
        }

        var (f0, f1, f2, f3) = (Vector512.Create(factors[0]), Vector512.Create(factors[1]), Vector512.Create(factors[2]), Vector512.Create(factors[3]));
        var (s0, s1, s2, s3) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
        var mask = count == RowsAtOnce ? Vector128<uint>.AllBitsSet : Vector128.LessThan(Vector128<uint>.Indices, Vector128.Create((uint)count));
        for (var k = 0; k < length; k += Lanes)
        {
            var lanes = ColumnQuantizer.First(length - k);
            var (c0, c1) = (Codes(rows[0] + k, lanes, f0), Codes(rows[1] + k, lanes, f1));
            var (c2, c3) = (Codes(rows[2] + k, lanes, f2), Codes(rows[3] + k, lanes, f3));
            (s0, s1, s2, s3) = (s0 + c0, s1 + c1, s2 + c2, s3 + c3);
            var (w0, w1) = (Avx512F.ConvertToVector128SByte(c0).AsInt32(), Avx512F.ConvertToVector128SByte(c1).AsInt32());
            var (w2, w3) = (Avx512F.ConvertToVector128SByte(c2).AsInt32(), Avx512F.ConvertToVector128SByte(c3).AsInt32());
            var (low01, high01) = (Sse2.UnpackLow(w0, w1).AsInt64(), Sse2.UnpackHigh(w0, w1).AsInt64());
            var (low23, high23) = (Sse2.UnpackLow(w2, w3).AsInt64(), Sse2.UnpackHigh(w2, w3).AsInt64());
            var left = Math.Min(Lanes, length - k + 3) / 4;
            Store(Sse2.UnpackLow(low01, low23), 0, left, words, height, mask);
            Store(Sse2.UnpackHigh(low01, low23), 1, left, words, height, mask);
            Store(Sse2.UnpackLow(high01, high23), 2, left, words, height, mask);
            Store(Sse2.UnpackHigh(high01, high23), 3, left, words, height, mask);
            words += height * (Lanes / 4);
        }

        for (var i = 0; i < count; i++) sums[i] = form.SumFactor * Vector512.Sum(i switch { 0 => s0, 1 => s1, 2 => s2, _ => s3 });
    }

    private static float Greatest(float* source, int length)
    {
        var magnitude = Vector512<int>.Zero;
        for (var k = 0; k < length; k += Lanes)
            magnitude = Vector512.Max(magnitude, Vector512.Abs(Avx512F.MaskLoad(source + k, ColumnQuantizer.First(length - k), Vector512<float>.Zero)).AsInt32());
        return BitConverter.Int32BitsToSingle(QuantizeJob.Highest(magnitude));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Codes(float* source, Vector512<float> lanes, Vector512<float> factor) =>
        Avx512F.ConvertToVector512Int32(Avx512F.MaskLoad(source, lanes, Vector512<float>.Zero) * factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<long> rows, int word, int words, uint* target, int height, Vector128<uint> mask)
    {
        if (word < words) Avx512F.VL.MaskStore(target + (word * height), mask, rows.AsUInt32());
    }
}
