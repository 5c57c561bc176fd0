using Dray.Inference.Compute;

namespace Dray.Inference.Tests.Compute;

public sealed class KvHeadScaleTests
{
    [Fact]
    public void Of_NumbersThatFp8Holds_LosesNothing()
    {
        var scale = KvHeadScale.Of([1, -56, 3.5f, 0]);
        foreach (var value in (float[])[1, -56, 3.5f, 0]) (Fp8E4M3.Decode(Fp8E4M3.Encode(value / scale)) * scale).ShouldBe(value);
    }

    [Fact]
    public void Of_RandomHeads_LosesLessThanTheLargestOver448AndSaturatesNothing()
    {
        var random = new Random(1);
        var (chosen, plain) = (0.0, 0.0);
        for (var i = 0; i < 200; i++)
        {
            var head = Enumerable.Range(0, 64).Select(_ => (random.NextSingle() - 0.5f) * MathF.Exp(4 * random.NextSingle())).ToArray();
            var largest = head.Max(Math.Abs);
            KvHeadScale.Of(head).ShouldBeInRange(largest / 448, largest / 224);
            chosen += Error(head, KvHeadScale.Of(head));
            plain += Error(head, largest / 448);
        }

        (chosen / plain).ShouldBeLessThan(0.8);
    }

    [Fact]
    public void Of_Zeros_IsOne() => KvHeadScale.Of([0, -0f]).ShouldBe(1);

    [Fact]
    public void Of_ScaleBelowNormalFloats_IsOne() => KvHeadScale.Of([1e-40f]).ShouldBe(1);

    [Fact]
    public void Of_Infinity_StaysFinite() => float.IsFinite(KvHeadScale.Of([1, float.NegativeInfinity])).ShouldBeTrue();

    [Fact]
    public void Of_NaN_IsNaN() => KvHeadScale.Of([1, float.NaN, 2]).ShouldBe(float.NaN);

    private static double Error(float[] head, float scale) =>
        head.Sum(value => Math.Pow(value - (Fp8E4M3.Decode(Fp8E4M3.Encode(value / scale)) * scale), 2));
}
