using Dray.Inference.Compute;

namespace Dray.Inference.Tests.Compute;

public sealed class KvHeadScaleTests
{
    [Fact]
    public void Of_Head_BringsItsLargestMagnitudeTo448() => KvHeadScale.Of([1, -56, 3]).ShouldBe(56f / 448);

    [Fact]
    public void Of_Zeros_IsOne() => KvHeadScale.Of([0, -0f]).ShouldBe(1);

    [Fact]
    public void Of_ScaleBelowNormalFloats_IsOne() => KvHeadScale.Of([1e-40f]).ShouldBe(1);

    [Fact]
    public void Of_Infinity_StaysFinite() => float.IsFinite(KvHeadScale.Of([1, float.NegativeInfinity])).ShouldBeTrue();

    [Fact]
    public void Of_NaN_IsNaN() => KvHeadScale.Of([1, float.NaN, 2]).ShouldBe(float.NaN);
}
