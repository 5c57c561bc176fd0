using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Unpacks a run of inputs of 32 outputs to float32, [inputs][32], for tiles with so many rows that unpacking once pays. The values are
/// those that <see cref="TileKernel{TSimd, TVec}"/> would unpack in registers.
/// </summary>
internal static unsafe class PanelKernel<TSimd, TVec>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack<TCode>(float* words, int length, float codeZero, float* offsets, float* panel)
        where TCode : struct, IWeightCode
    {
        var wordCount = (length + TCode.PerWord - 1) / TCode.PerWord;
        var table = TSimd.NibbleTable(codeZero);
        for (var column = 0; column < WeightStrip.Width; column += 2 * TSimd.Lanes)
        {
            var offset0 = TCode.HasOffsets ? TSimd.Load(offsets + column) : default;
            var offset1 = TCode.HasOffsets ? TSimd.Load(offsets + column + TSimd.Lanes) : default;
            var source = words + column;
            var target = panel + column;
            for (var remaining = length; remaining > 0; remaining -= TCode.PerWord)
            {
                var word0 = TSimd.Load(source);
                var word1 = TSimd.Load(source + TSimd.Lanes);
                if (Sse.IsSupported && column == 0) Prefetch(source + ((nint)wordCount * WeightStrip.Width));
                source += WeightStrip.Width;
                for (var count = Math.Min(remaining, TCode.PerWord); count > 0; count--)
                {
                    TSimd.Store(target, TCode.Decode<TSimd, TVec>(word0, table, offset0));
                    TSimd.Store(target + TSimd.Lanes, TCode.Decode<TSimd, TVec>(word1, table, offset1));
                    word0 = TCode.Next<TSimd, TVec>(word0);
                    word1 = TCode.Next<TSimd, TVec>(word1);
                    target += WeightStrip.Width;
                }
            }
        }
    }

    // The next segment's words are wanted after all row tiles have swept this one's panel.
    private static void Prefetch(float* word)
    {
        Sse.Prefetch1(word);
        Sse.Prefetch1(word + (WeightStrip.Width / 2));
    }
}
