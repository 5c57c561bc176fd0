using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Rounds rows to bf16, to nearest and ties to even, for <see cref="BrainFloatInputs"/>; a NaN stays one.</summary>
internal readonly unsafe struct BrainFloatPackJob(RowView x, TileSplit split, BrainFloatInputs form, byte* target) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(split.Rows))
        {
            for (var row = first; row < end; row++)
            {
                var tile = split.TileOf(row);
                var (firstRow, height) = (split.FirstRow(tile), split.Height(tile));
                Pack(x.Row(row), x.Columns, (uint*)(target + ((nint)firstRow * form.RowBytes)) + (row - firstRow), height);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(float* source, int length, uint* words, int height)
    {
        var i = 0;
        for (; i + Vector512<float>.Count <= length; i += Vector512<float>.Count)
        {
            // Two bf16 halves of a lane are two neighbours: the odd one's bits stay, the even one's move down.
            var bits = Round(Vector512.Load(source + i)).AsUInt64();
            var pairs = (bits >> 32 & Vector512.Create(0xFFFF0000UL)) | (bits >> 16 & Vector512.Create(0xFFFFUL));
            for (var j = 0; j < Vector512<ulong>.Count; j++, words += height) *words = (uint)pairs[j];
        }

        for (; i < length; i += 2, words += height)
        {
            var even = BrainFloat.Encode(source[i]);
            var odd = i + 1 < length ? BrainFloat.Encode(source[i + 1]) : (ushort)0;
            *words = (uint)odd << 16 | even;
        }
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
