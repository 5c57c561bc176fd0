using System.Runtime.Intrinsics;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

/// <summary>The vectorised conversions of the KV cache against the scalar ones, bit for bit.</summary>
public sealed unsafe class KvCodeTests
{
    [Fact]
    public void Encode_FloatsAcrossTheRange_GivesTheScalarCodes()
    {
        var codes = stackalloc int[KvEncoder.Lanes];

        // Steps of a prime visit every exponent, both signs, the ties and the special values.
        for (uint bits = 0; bits < uint.MaxValue - (8 * 10007); bits += 8 * 10007)
        {
            var values = Vector256<float>.Zero;
            for (var lane = 0; lane < KvEncoder.Lanes; lane++) values = values.WithElement(lane, BitConverter.UInt32BitsToSingle(bits + ((uint)lane * 10007)));
            Compare(values, codes);
        }

        for (var code = 0; code < 0x7e; code++)
        {
            var tie = (Fp8E4M3.Decode((byte)code) + Fp8E4M3.Decode((byte)(code + 1))) / 2;
            Compare(Vector256.Create(tie, -tie, float.BitIncrement(tie), float.BitDecrement(tie), 448 + tie, -0f, float.NaN, float.NegativeInfinity), codes);
        }
    }

    [Fact]
    public void Decode_Portable_GivesTheScalarValues() => Decode<PortableSimd, Vector128<float>>();

    [Fact]
    public void Decode_Avx2_GivesTheScalarValues()
    {
        if (!CpuFeatures.OfThisProcess.Available.Contains(CpuInstructionSet.Avx2)) Assert.Skip("skipped: this processor has no AVX2");
        Decode<Avx2Simd, Vector256<float>>();
    }

    [Fact]
    public void Decode_Avx512_GivesTheScalarValues()
    {
        if (!CpuFeatures.OfThisProcess.Available.Contains(CpuInstructionSet.Avx512)) Assert.Skip("skipped: this processor has no AVX-512");
        Decode<Avx512Simd, Vector512<float>>();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(21)]
    [InlineData(128)]
    public void Scale_AnyHead_IsTheScalarOne(int headDim)
    {
        var head = stackalloc float[headDim];
        var random = new Random(headDim);
        for (var i = 0; i < 300; i++)
        {
            for (var d = 0; d < headDim; d++) head[d] = (random.NextSingle() - 0.5f) * MathF.Exp(12 * random.NextSingle() - (i % 100));
            if (i % 7 == 0) head[random.Next(headDim)] = i % 2 == 0 ? float.NaN : float.NegativeInfinity;
            if (i % 11 == 0) new Span<float>(head, headDim).Clear();
            KvEncoder.Scale(head, headDim).ShouldBe(KvHeadScale.Of(new ReadOnlySpan<float>(head, headDim)));
        }
    }

    private static void Compare(Vector256<float> values, int* codes)
    {
        KvEncoder.Encode(values, Vector256.Create(1f)).Store(codes);
        for (var lane = 0; lane < KvEncoder.Lanes; lane++)
        {
            if (codes[lane] != Fp8E4M3.Encode(values[lane])) Assert.Fail($"{values[lane]:R} is {codes[lane]:x2} where {Fp8E4M3.Encode(values[lane]):x2} was expected.");
        }
    }

    private static void Decode<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec>
        where TVec : struct
    {
        var lanes = stackalloc float[TSimd.Lanes];
        for (var code = 0; code < 256; code++)
        {
            if ((code & 0x7f) == Fp8E4M3.NaN) continue;
            for (var place = 0; place < KvCodes.SmallFloats.PerWord; place++)
            {
                // The other bytes must not show through.
                var word = 0xA5A5A5A5 & ~(0xFFu << (24 - (8 * place))) | ((uint)code << (24 - (8 * place)));
                var vector = TSimd.Broadcast(BitConverter.UInt32BitsToSingle(word));
                for (var i = 0; i < place; i++) vector = KvCodes.SmallFloats.Next<TSimd, TVec>(vector);
                TSimd.Store(lanes, KvCodes.SmallFloats.Decode<TSimd, TVec>(vector));
                BitConverter.SingleToUInt32Bits(lanes[TSimd.Lanes - 1] * KvCodes.SmallFloats.Unit * KvCodes.SmallFloats.Unit).ShouldBe(BitConverter.SingleToUInt32Bits(Fp8E4M3.Decode((byte)code)), $"code {code:x2}");
            }
        }
    }
}
