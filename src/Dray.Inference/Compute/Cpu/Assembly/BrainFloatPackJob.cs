using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Rounds rows to bf16, to nearest and ties to even, for <see cref="BrainFloatInputs"/>; a NaN stays one.</summary>
internal readonly unsafe struct BrainFloatPackJob(RowView x, TileSplit split, BrainFloatInputs form, byte* target) : ITeamJob
{
    private const int Four = 4;

    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(split.Tiles))
        {
            for (var tile = first; tile < end; tile++)
            {
                var (row, height) = (split.FirstRow(tile), split.Height(tile));
                var words = (uint*)(target + ((nint)row * form.RowBytes));
                var done = 0;
                for (; done + Four <= height; done += Four) PackFour(x.Row(row + done), x.Stride, x.Columns, words + done, height);
                for (; done < height; done++) Pack(x.Row(row + done), 0, x.Columns, words + done, height);
            }
        }
    }

    /// <summary>Packs four rows that follow each other: a word of each is stored at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackFour(float* source, nint stride, int length, uint* words, int height)
    {
        var i = 0;
        for (; i + Vector512<float>.Count <= length; i += Vector512<float>.Count, words += Vector256<uint>.Count * height)
        {
            var (a, b) = (Pairs(source + i), Pairs(source + stride + i));
            var (c, d) = (Pairs(source + (2 * stride) + i), Pairs(source + (3 * stride) + i));
            var (low, high) = (Avx2.UnpackLow(a, b).AsUInt64(), Avx2.UnpackHigh(a, b).AsUInt64());
            var (lower, higher) = (Avx2.UnpackLow(c, d).AsUInt64(), Avx2.UnpackHigh(c, d).AsUInt64());
            Store(Avx2.UnpackLow(low, lower), 0, words, height);
            Store(Avx2.UnpackHigh(low, lower), 1, words, height);
            Store(Avx2.UnpackLow(high, higher), 2, words, height);
            Store(Avx2.UnpackHigh(high, higher), 3, words, height);
        }

        for (var row = 0; row < Four; row++) Pack(source + (row * stride), i, length, words + row, height);
    }

    /// <summary>Stores a word of four rows, and the word four further on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ulong> rows, int word, uint* words, int height)
    {
        rows.GetLower().AsUInt32().Store(words + (word * height));
        rows.GetUpper().AsUInt32().Store(words + ((word + Four) * height));
    }

    /// <summary>Packs a row from input <paramref name="i"/> on, which is an even one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(float* source, int i, int length, uint* words, int height)
    {
        for (; i + Vector512<float>.Count <= length; i += Vector512<float>.Count)
        {
            var pairs = Pairs(source + i);
            for (var j = 0; j < Vector256<uint>.Count; j++, words += height) *words = pairs[j];
        }

        for (; i < length; i += 2, words += height)
        {
            var even = BrainFloat.Encode(source[i]);
            var odd = i + 1 < length ? BrainFloat.Encode(source[i + 1]) : (ushort)0;
            *words = (uint)odd << 16 | even;
        }
    }

    /// <summary>Two bf16 halves of each word from 16 inputs: the odd one's bits stay, the even one's move down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Pairs(float* source)
    {
        var bits = Round(Vector512.Load(source)).AsUInt64();
        return Avx512F.ConvertToVector256UInt32((bits >> 32 & Vector512.Create(0xFFFF0000UL)) | (bits >> 16 & Vector512.Create(0xFFFFUL)));
    }

    /// <summary>float32 bits whose upper half is the bf16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Round(Vector512<float> value)
    {
        var bits = value.AsUInt32();
        var rounded = bits + Vector512.Create(0x7FFFu) + (bits >> 16 & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.IsNaN(value).AsUInt32(), bits | Vector512.Create(0x400000u), rounded);
    }
}
