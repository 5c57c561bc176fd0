using CsCheck;
using Dray.Inference.Compute;
using Dray.Inference.Sampling;

namespace Dray.Inference.Tests.Sampling;

public sealed class ShortListTests
{
    private static readonly Gen<float[]> Logits = Gen.OneOf(
        Gen.Float[-20f, 20f].Array[1, 700],
        Gen.Int[-3, 3].Select(value => (float)value).Array[1, 700],
        Gen.Select(Gen.Float[-12f, 0f].Array[300, 3000], Gen.Float[0f, 15f].Array[1, 40], (rest, few) => (float[])[.. rest, .. few, .. rest]),
        Gen.Select(Gen.Double[0.001, 1].Array[100, 4000], Gen.Double[0.5, 6], (values, slope) => values.Select(value => (float)(slope * Math.Log(value))).ToArray()));

    private static readonly Gen<SamplingParams> Params = Gen.Select(
        Gen.OneOf(Gen.Const(0f), Gen.Const(1f), Gen.Const(0.15f), Gen.Float[0.01f, 2f]),
        Gen.OneOf(Gen.Const(1f), Gen.Float[0.05f, 0.999f]),
        Gen.OneOf(Gen.Const(0), Gen.Int[1, 80]),
        Gen.OneOf(Gen.Const(0f), Gen.Float[0.001f, 1f]),
        Gen.Int[0, 5].Select(n => n == 0 ? (int?)5 : null),
        Gen.Long,
        (temperature, topP, topK, minP, logProbs, seed) =>
            new SamplingParams { Temperature = temperature, TopP = topP, TopK = topK, MinP = minP, LogProbs = logProbs, Seed = seed });

    /// <summary>Whatever a device's rounding of the sum is, a token that is told is the one that the whole row gives, and so is the next draw.</summary>
    [Fact]
    public void TrySample_AnyRowAndParameters_TellsTheSameTokensOrNone() => Gen.Select(Logits, Params, Gen.Float[-1e-5f, 1e-5f]).Sample(
        (logits, sampling, error) =>
        {
            var sampler = new Sampler(logits.Length);
            var (whole, quick) = (new SequenceSamplingState(sampling, [1]), new SequenceSamplingState(sampling, [1]));
            var top = Reduce(logits);
            top.Sums[0] *= 1 + error;
            for (var draw = 0; draw < 8; draw++)
            {
                var expected = sampler.Sample([.. logits], whole);
                var token = sampler.TrySample(top, 0, quick, out var told) ? told : sampler.Sample([.. logits], quick);
                token.Id.ShouldBe(expected.Id);
                if (sampling.LogProbs is null) continue;
                token.LogProb.ShouldBe(expected.LogProb, 3e-5);
                token.Top.Count.ShouldBe(expected.Top.Count);

                // Logits that rounding makes equal may change places.
                for (var i = 0; i < token.Top.Count; i++) logits[token.Top[i].Id].ShouldBe(logits[expected.Top[i].Id], 3e-5f);
            }
        },
        iter: 2000);

    /// <summary>A row like those of language models: what fraction of draws needs no more than its greatest logits.</summary>
    [Theory]
    [InlineData(0f, 1f, 0, 0f, 1.0)]
    [InlineData(0.15f, 1f, 0, 0f, 0.999)]
    [InlineData(0.7f, 0.9f, 0, 0f, 0.95)]
    [InlineData(1f, 0.9f, 0, 0f, 0.95)]
    [InlineData(1f, 1f, 50, 0f, 1.0)]
    [InlineData(1f, 1f, 0, 0.05f, 1.0)]
    [InlineData(1f, 0.8f, 40, 0.01f, 1.0)]
    public void TrySample_RowOfALanguageModel_IsMostlyEnough(float temperature, float topP, int topK, float minP, double share)
    {
        const int Rows = 200;
        var random = new Random(1);
        var sampler = new Sampler(20_000);
        var told = 0;
        for (var i = 0; i < Rows; i++)
        {
            var state = new SequenceSamplingState(new SamplingParams { Temperature = temperature, TopP = topP, TopK = topK, MinP = minP, Seed = i }, []);
            float[] logits = [.. Enumerable.Range(0, 20_000).Select(rank => (-3f * MathF.Log(rank + 1)) + random.NextSingle())];
            random.Shuffle(logits);
            if (sampler.TrySample(Reduce(logits), 0, state, out _)) told++;
        }

        told.ShouldBeGreaterThanOrEqualTo((int)(share * Rows));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void TrySample_DamagedLogits_AreLeftToTheWholeRow(float value)
    {
        var state = new SequenceSamplingState(new SamplingParams { Temperature = 0 }, []);
        float[] logits = [.. Enumerable.Range(0, 200).Select(i => (float)i)];
        logits[100] = value;

        new Sampler(200).TrySample(Reduce(logits), 0, state, out _).ShouldBeFalse();
        new Sampler(200).TrySample(Reduce([.. Enumerable.Repeat(float.NegativeInfinity, 200)]), 0, state, out _).ShouldBeFalse();
        state.OutputTokens.ShouldBe(0);
    }

    [Fact]
    public void TrySample_RequestThatChangesLogits_IsLeftToTheWholeRow()
    {
        SamplingParams[] requests =
        [
            new() { LogitBias = new Dictionary<int, float> { [3] = -5 } }, new() { RepetitionPenalty = 1.1f }, new() { PresencePenalty = 1 },
            new() { FrequencyPenalty = 1 }, new() { MinTokens = 1 },
        ];
        var top = Reduce([.. Enumerable.Range(0, 200).Select(i => (float)i)]);
        foreach (var sampling in requests)
        {
            var state = new SequenceSamplingState(sampling with { Temperature = 0 }, [1, 2], [199]);
            new Sampler(200).TrySample(top, 0, state, out _).ShouldBeFalse(sampling.ToString());
            state.OutputTokens.ShouldBe(0);
        }
    }

    private static TopLogits Reduce(float[] logits)
    {
        var top = new TopLogits();
        top.Reset(1, logits.Length);
        top.Read(0, logits);
        return top;
    }
}
