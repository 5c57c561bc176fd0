using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Scales and fp8 codes of eight numbers at a time, the same as <see cref="KvHeadScale"/> and <see cref="Fp8E4M3"/> give; needed once per
/// number, when it enters the cache.
/// </summary>
internal static unsafe class KvEncoder
{
    /// <summary>Numbers encoded at a time.</summary>
    public const int Lanes = KvHeadScale.Lanes;

    /// <summary>The scale that <see cref="KvHeadScale.Of"/> gives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Scale(float* head, int headDim)
    {
        var all = Vector256<float>.Zero;
        for (var d = 0; d < headDim; d += Lanes) all = Vector256.Max(all, Vector256.Abs(Load(head + d, headDim - d)));
        var largest = 0f;
        for (var lane = 0; lane < Lanes; lane++) largest = MathF.Max(largest, all[lane]);
        var smallest = KvHeadScale.Smallest(largest);
        var search = new KvHeadScale.Search(smallest);
        for (var i = 0; i < KvHeadScale.Candidates; i++)
        {
            var inverse = Vector256.Create(1 / (smallest * KvHeadScale.Factor(i)));
            var errors = Vector256<float>.Zero;
            var d = 0;
            for (; d <= headDim - Lanes; d += Lanes) errors += SquaredErrors(Vector256.Load(head + d) * inverse);
            if (d < headDim) errors += SquaredErrors(LoadSome(head + d, headDim - d) * inverse);

            // Lanes are added up in the order of KvHeadScale's.
            var halves = errors.GetLower() + errors.GetUpper();
            halves += Vector128.Shuffle(halves, Vector128.Create(2, 3, 0, 1));
            search.Try(i, halves[0] + halves[1]);
        }

        return search.Best;
    }

    /// <summary>Writes a key's codes, four dimensions to a word with the first in the high end, <paramref name="stride"/> words apart.</summary>
    /// <returns>The scale.</returns>
    public static float WriteKey(float* key, int headDim, uint* target, int stride)
    {
        var scale = Scale(key, headDim);
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
        var scale = Scale(value, headDim);
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
        var codes = Encode(Load(values, count), Vector256.Create(scale));
        var words = Vector128.Narrow(codes.GetLower(), codes.GetUpper());
        return Vector128.Narrow(words, words).AsUInt64().ToScalar();
    }

    /// <summary>Up to eight numbers, zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(float* values, int count) => count >= Lanes ? Vector256.Load(values) : LoadSome(values, count);

    private static Vector256<float> LoadSome(float* values, int count)
    {
        var numbers = Vector256<float>.Zero;
        for (var i = 0; i < count; i++) numbers = numbers.WithElement(i, values[i]);
        return numbers;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> SquaredErrors(Vector256<float> scaled)
    {
        var bits = scaled.AsInt32();
        var rounded = (bits + Vector256.Create(0x7FFFF) + ((bits >>> 20) & Vector256<int>.One)) & Vector256.Create(~0xFFFFF);
        var error = scaled - rounded.AsSingle();
        return error * error;
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
