using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>The ways in which a KV cache can hold numbers.</summary>
internal static class KvCodes
{
    /// <summary>
    /// fp8 e4m3fn: one arithmetic shift brings sign, exponent and mantissa into a float's places, 2¹²⁰ too small, subnormals included. NaN has
    /// no code in a cache; see <see cref="KvHeadScale"/>.
    /// </summary>
    internal readonly struct SmallFloats : IKvCode
    {
        public static int PerWord => 4;

        public static float Unit => 1L << 60;

        public static bool Streams => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Decode<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.AndBits(TSimd.ShiftRightSigned(word, 4), 0x87F00000);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Next<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.ShiftLeft(word, 8);
    }

    /// <summary>bfloat16, two to a word.</summary>
    internal readonly struct BrainFloats : IKvCode
    {
        public static int PerWord => 2;

        public static float Unit => 1;

        public static bool Streams => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Decode<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.AndBits(word, 0xFFFF0000);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Next<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.ShiftLeft(word, 16);
    }

    /// <summary>float32, one to a word.</summary>
    internal readonly struct Floats : IKvCode
    {
        public static int PerWord => 1;

        public static float Unit => 1;

        public static bool Streams => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Decode<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => word;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Next<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => word;
    }

    /// <summary>float32 in a <see cref="KvPanel{TSimd, TVec, TCode}"/>, which the caches hold.</summary>
    internal readonly struct Widened : IKvCode
    {
        public static int PerWord => 1;

        public static float Unit => 1;

        public static bool Streams => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Decode<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => word;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Next<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => word;
    }
}
