using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>fp8 codes of eight numbers at a time, the same as <see cref="Fp8E4M3.Encode"/> gives; used once per number, when it enters the cache.</summary>
internal static unsafe class KvEncoder
{
    /// <summary>Numbers encoded at a time.</summary>
    public const int Lanes = 8;

    /// <summary>The largest magnitude, or NaN if there is one.</summary>
    public static float Largest(float* values, int count)
    {
        var all = Vector256<float>.Zero;
        var i = 0;
        for (; i <= count - Lanes; i += Lanes) all = Vector256.Max(all, Vector256.Abs(Vector256.Load(values + i)));
        var largest = 0f;
        for (var lane = 0; lane < Lanes; lane++) largest = MathF.Max(largest, all[lane]);
        for (; i < count; i++) largest = MathF.Max(largest, MathF.Abs(values[i]));
        return largest;
    }

    /// <summary>Writes a key's codes, four dimensions to a word with the first in the high end, <paramref name="stride"/> words apart.</summary>
    /// <returns>The scale.</returns>
    public static float WriteKey(float* key, int headDim, uint* target, int stride)
    {
        var scale = KvHeadScale.Of(Largest(key, headDim));
        for (var d = 0; d < headDim; d += Lanes)
        {
            var codes = Codes(key + d, headDim - d, scale);
            *target = BinaryPrimitives.ReverseEndianness((uint)codes);
            target += stride;
            if (headDim - d > Lanes / 2) *target = BinaryPrimitives.ReverseEndianness((uint)(codes >> 32));
            target += stride;
        }

        return scale;
    }

    /// <summary>Writes a value's codes, four bytes apart.</summary>
    /// <returns>The scale.</returns>
    public static float WriteValue(float* value, int headDim, byte* target)
    {
        var scale = KvHeadScale.Of(Largest(value, headDim));
        for (var d = 0; d < headDim; d += Lanes)
        {
            var codes = Codes(value + d, headDim - d, scale);
            for (var i = Math.Min(Lanes, headDim - d); i > 0; i--, codes >>= 8, target += sizeof(float)) *target = (byte)codes;
        }

        return scale;
    }

    /// <summary>Codes of up to eight numbers, the first in the low byte.</summary>
    private static ulong Codes(float* values, int count, float scale)
    {
        var numbers = Vector256<float>.Zero;
        if (count >= Lanes) numbers = Vector256.Load(values);
        else for (var i = 0; i < count; i++) numbers = numbers.WithElement(i, values[i]);
        var codes = Encode(numbers, Vector256.Create(scale));
        var words = Vector128.Narrow(codes.GetLower(), codes.GetUpper());
        return Vector128.Narrow(words, words).AsUInt64().ToScalar();
    }

    /// <summary>The codes of values / scale, one to an int.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Encode(Vector256<float> values, Vector256<float> scale)
    {
        var scaled = values / scale;
        var sign = (scaled.AsInt32() >>> 24) & Vector256.Create(0x80);
        var magnitude = Vector256.Min(Vector256.Abs(scaled), Vector256.Create(Fp8E4M3.MaxValue));
        var bits = magnitude.AsInt32();
        var normal = ((bits + Vector256.Create(0x7FFFF) + ((bits >>> 20) & Vector256<int>.One)) >>> 20) - Vector256.Create(Fp8E4M3.ExponentShift);
        var subnormal = (magnitude + Vector256.Create(Fp8E4M3.SubnormalMagic)).AsInt32() & Vector256.Create(0xF);
        var code = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(Fp8E4M3.MinNormal)).AsInt32(), subnormal, normal);
        code = Vector256.ConditionalSelect(Vector256.Equals(scaled, scaled).AsInt32(), code, Vector256.Create((int)Fp8E4M3.NaN));
        return sign | code;
    }
}
