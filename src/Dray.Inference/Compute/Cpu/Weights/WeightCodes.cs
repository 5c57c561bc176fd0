using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>The ways in which a packed matrix can hold its weights.</summary>
internal static class WeightCodes
{
    /// <summary>2-, 3- or 4-bit codes in nibbles, eight to a word; one zero point for the whole matrix, in the lookup table.</summary>
    internal readonly struct Nibbles : IWeightCode
    {
        public static int PerWord => 8;

        public static bool HasOffsets => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Decode<TSimd, TVec>(TVec word, TVec table, TVec offset)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.Nibble(word, table);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Next<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.ShiftRight(word, 4);
    }

    /// <summary>As <see cref="Nibbles"/>, with a zero point per output and group.</summary>
    internal readonly struct OffsetNibbles : IWeightCode
    {
        public static int PerWord => 8;

        public static bool HasOffsets => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Decode<TSimd, TVec>(TVec word, TVec table, TVec offset)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.Subtract(TSimd.Nibble(word, table), offset);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Next<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.ShiftRight(word, 4);
    }

    /// <summary>8-bit codes, four to a word, with a zero point per output and group.</summary>
    internal readonly struct Bytes : IWeightCode
    {
        public static int PerWord => 4;

        public static bool HasOffsets => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Decode<TSimd, TVec>(TVec word, TVec table, TVec offset)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.Subtract(TSimd.ConvertToFloat(TSimd.AndBits(word, 255)), offset);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Next<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.ShiftRight(word, 8);
    }

    /// <summary>bfloat16, two to a word.</summary>
    internal readonly struct BrainFloats : IWeightCode
    {
        public static int PerWord => 2;

        public static bool HasOffsets => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Decode<TSimd, TVec>(TVec word, TVec table, TVec offset)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.ShiftLeft(word, 16);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Next<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => TSimd.ShiftRight(word, 16);
    }

    /// <summary>float32, one to a word.</summary>
    internal readonly struct Floats : IWeightCode
    {
        public static int PerWord => 1;

        public static bool HasOffsets => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Decode<TSimd, TVec>(TVec word, TVec table, TVec offset)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => word;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Next<TSimd, TVec>(TVec word)
            where TSimd : struct, ISimd<TVec>
            where TVec : struct => word;
    }
}
