using CsCheck;
using Dray.Inference.Sampling;

namespace Dray.Inference.Tests.Sampling;

public sealed class TopSelectorTests
{
    [Fact]
    public void KthLargest_AnyValues_IsThatOfTheSortedOnes()
    {
        var values = Gen.OneOf(Gen.Float[-50f, 50f].Array[1, 3000], Gen.Int[0, 5].Select(value => (float)value).Array[1, 3000]);
        Gen.Select(values, Gen.Double[0, 1]).Sample((list, share) =>
        {
            var k = 1 + (int)(share * (list.Length - 1));
            new TopSelector(list.Length).KthLargest(list, k).ShouldBe(list.OrderDescending().ElementAt(k - 1));
        });
    }

    [Fact]
    public void KthLargest_SortedValues_AreNoWorstCase()
    {
        float[] rising = [.. Enumerable.Range(0, 100_000).Select(value => (float)value)];
        new TopSelector(rising.Length).KthLargest(rising, 30_000).ShouldBe(70_000f);
        new TopSelector(rising.Length).KthLargest([.. rising.Reverse()], 30_000).ShouldBe(70_000f);
    }

    [Theory]
    [InlineData(1f, 0.9)]
    [InlineData(1f, 1e-9)]
    [InlineData(0.05f, 0.5)]
    [InlineData(0.05f, 0.999999)]
    [InlineData(6f, 0.95)]
    [InlineData(30f, 0.95)]
    [InlineData(30f, 1.0)]
    public void Nucleus_LargeVocabulary_IsTheSmallestSet(float spread, double share)
    {
        var random = new Random(3);
        var weights = Enumerable.Range(0, 100_000).Select(_ => MathF.Exp(-spread * random.NextSingle())).ToArray();
        weights[777] = 1f;
        var mass = share * weights.Sum(weight => (double)weight);

        var (cut, ties) = new TopSelector(weights.Length).Nucleus(weights, mass);

        var above = weights.Where(weight => weight > cut).Sum(weight => (double)weight);
        var equal = weights.Count(weight => weight == cut);
        var slack = mass * 1e-12;
        ties.ShouldBeInRange(1, equal);
        (above + ((ties - 1) * (double)cut)).ShouldBeLessThan(mass + slack);
        (above + (ties * (double)cut)).ShouldBeGreaterThanOrEqualTo(mass - slack);
    }
}
