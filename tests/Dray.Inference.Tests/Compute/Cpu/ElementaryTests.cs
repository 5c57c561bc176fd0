using System.Runtime.Intrinsics;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed unsafe class ElementaryTests
{
    [Fact]
    public void Exp_Portable_IsWithinTwoUlp() => Exp<PortableSimd, Vector128<float>>();

    [Fact]
    public void Exp_Avx2_IsWithinTwoUlp()
    {
        Require(CpuInstructionSet.Avx2);
        Exp<Avx2Simd, Vector256<float>>();
    }

    [Fact]
    public void Exp_Avx512_IsWithinTwoUlp()
    {
        Require(CpuInstructionSet.Avx512);
        Exp<Avx512Simd, Vector512<float>>();
    }

    [Fact]
    public void Gelu_Portable_IsWithinOneMillionth()
    {
        for (var x = -12f; x < 12; x += 0.0037f)
        {
            var expected = 0.5 * x * (1 + ErrorFunction.Erf(x / Math.Sqrt(2)));
            Math.Abs(Elementary<PortableSimd, Vector128<float>>.Gelu(Vector128.Create(x))[0] - expected).ShouldBeLessThan(1e-6, $"gelu({x})");
        }
    }

    [Fact]
    public void Exp2_Portable_IsWithinTwoUlp() => Exp2<PortableSimd, Vector128<float>>();

    [Fact]
    public void Exp2_Avx2_IsWithinTwoUlp()
    {
        Require(CpuInstructionSet.Avx2);
        Exp2<Avx2Simd, Vector256<float>>();
    }

    [Fact]
    public void Exp2_Avx512_IsWithinTwoUlp()
    {
        Require(CpuInstructionSet.Avx512);
        Exp2<Avx512Simd, Vector512<float>>();
    }

    private static void Exp2<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec>
        where TVec : struct
    {
        float Of(float x)
        {
            var lanes = stackalloc float[TSimd.Lanes];
            TSimd.Store(lanes, Elementary<TSimd, TVec>.Exp2(TSimd.Broadcast(x)));
            return lanes[TSimd.Lanes - 1];
        }

        Of(0).ShouldBe(1);
        Of(-0f).ShouldBe(1);
        Of(-2).ShouldBe(0.25f);
        Of(float.NegativeInfinity).ShouldBe(0);
        Of(float.NaN).ShouldBe(float.NaN);
        Of(-126.9f).ShouldBeInRange(0, 1.2e-38f);
        for (var x = -125f; x < 0; x += 0.0173f)
        {
            var expected = Math.Pow(2, x);
            (Math.Abs(Of(x) - expected) / expected).ShouldBeLessThan(2.4e-7, $"2^{x}");
        }
    }

    private static void Exp<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec>
        where TVec : struct
    {
        float Of(float x)
        {
            var lanes = stackalloc float[TSimd.Lanes];
            TSimd.Store(lanes, Elementary<TSimd, TVec>.Exp(TSimd.Broadcast(x)));
            return lanes[TSimd.Lanes - 1];
        }

        Of(0).ShouldBe(1);
        Of(-0f).ShouldBe(1);
        Of(float.NegativeInfinity).ShouldBe(0);
        Of(-88).ShouldBe(0);
        for (var x = -87.2f; x < 88; x += 0.0173f)
        {
            var expected = Math.Exp(x);
            (Math.Abs(Of(x) - expected) / expected).ShouldBeLessThan(2.4e-7, $"exp({x})");
        }
    }

    private static void Require(CpuInstructionSet instructionSet)
    {
        if (!CpuFeatures.OfThisProcess.Available.Contains(instructionSet)) Assert.Skip($"skipped: this processor has no {instructionSet}");
    }
}
