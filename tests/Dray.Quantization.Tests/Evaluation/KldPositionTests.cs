using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class KldPositionTests
{
    [Fact]
    public void Compare_RandomRows_EveryApproximationIsItsDefinition()
    {
        var random = new Random(11);
        for (var round = 0; round < 20; round++)
        {
            float[] p = [.. Enumerable.Range(0, 300).Select(_ => 8 * random.NextSingle())];
            float[] q = [.. p.Select(logit => logit + random.NextSingle())];
            var (lnP, lnQ) = (LogProbabilities(p), LogProbabilities(q));
            int[] top = [.. Enumerable.Range(0, 300).OrderByDescending(i => p[i]).Take(20)];
            int[] told = [.. Enumerable.Range(0, 300).OrderByDescending(i => q[i]).Take(20)];
            var (massP, massQ) = (top.Sum(i => Math.Exp(lnP[i])), top.Sum(i => Math.Exp(lnQ[i])));

            var position = KldPosition.Compare(p, q, next: 5);

            position.Full.ShouldBe(Enumerable.Range(0, 300).Sum(i => Math.Exp(lnP[i]) * (lnP[i] - lnQ[i])), 1e-6);
            position.Raw.ShouldBe(top.Sum(i => Math.Exp(lnP[i]) * (lnP[i] - lnQ[i])), 1e-6);
            position.Api.ShouldBe(top.Sum(i => Math.Exp(lnP[i]) * (lnP[i] - (told.Contains(i) ? lnQ[i] : lnQ[told[^1]]))), 1e-6);
            position.Renormalised.ShouldBe(
                top.Sum(i => Math.Exp(lnP[i]) / massP * (lnP[i] - Math.Log(massP) - (lnQ[i] - Math.Log(massQ)))), 1e-6);
            position.SameTop.ShouldBe(top[0] == told[0]);
            position.DeltaP!.Value.ShouldBe(Math.Exp(lnQ[5]) - Math.Exp(lnP[5]), 1e-7);
            KldPosition.Compare(p, q, next: null).DeltaP.ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(100, 101)]
    [InlineData(19, 19)]
    public void RequireVocabularies_OfOtherSizesOrTooSmall_NamesBoth(int reference, int model) =>
        Should.Throw<ArgumentException>(() => KldPosition.RequireVocabularies(reference, model)).Message.ShouldContain(
            $"The model has {model} logits and its base {reference};");

    private static double[] LogProbabilities(float[] logits)
    {
        var logSum = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        return [.. logits.Select(logit => logit - logSum)];
    }
}
