using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>The uses of register tiles.</summary>
internal static unsafe class TileUses
{
    /// <summary>Width of a tile in outputs, and length of a tile of keys.</summary>
    public const int Width = 32;

    /// <summary>Inputs interleaved [K][R]; <c>output += scale[n] · sum</c>.</summary>
    internal readonly struct Product : ITileUse
    {
        public static bool IsPaged => false;

        public static int RowStep(int rows) => 1;

        public static int InputStep(int rows) => rows;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Finish<TSimd, TVec>(TVec sum, float* output, float* scales, int row, int column)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.Store(output, TSimd.MultiplyAdd(TSimd.Load(scales + column), sum, TSimd.Load(output)));
    }

    /// <summary>Attention scores: queries interleaved [headDim][R]; <c>output = sum</c>.</summary>
    internal readonly struct Scores : ITileUse
    {
        public static bool IsPaged => false;

        public static int RowStep(int rows) => 1;

        public static int InputStep(int rows) => rows;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Finish<TSimd, TVec>(TVec sum, float* output, float* scales, int row, int column)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.Store(output, sum);
    }

    /// <summary>Weighted values: probabilities by rows [R][32]; <c>output = decay[row] · output + sum</c>.</summary>
    internal readonly struct Values : ITileUse
    {
        public static bool IsPaged => true;

        public static int RowStep(int rows) => Width;

        public static int InputStep(int rows) => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Finish<TSimd, TVec>(TVec sum, float* output, float* scales, int row, int column)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.Store(output, TSimd.MultiplyAdd(TSimd.Load(output), TSimd.Broadcast(scales[row]), sum));
    }
}
