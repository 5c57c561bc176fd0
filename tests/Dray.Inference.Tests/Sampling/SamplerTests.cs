using CsCheck;
using Dray.Inference.Sampling;

namespace Dray.Inference.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly Gen<float[]> Logits = Gen.OneOf(
        Gen.Float[-20f, 20f].Array[1, 700],
        Gen.Int[-3, 3].Select(value => (float)value).Array[1, 700]);

    [Fact]
    public void Sample_SameSeed_GivesTheSameTokens()
    {
        var first = Draws(new SamplingParams { Seed = 42 }, 50);
        Draws(new SamplingParams { Seed = 42 }, 50).ShouldBe(first);
        Draws(new SamplingParams { Seed = 43 }, 50).ShouldNotBe(first);
        Draws(new SamplingParams { Seed = 42 }, 50, choice: 1).ShouldNotBe(first);
    }

    [Fact]
    public void Sample_NoSeed_DependsOnThePrompt()
    {
        Draws(new SamplingParams(), 50, prompt: [1, 2]).ShouldBe(Draws(new SamplingParams(), 50, prompt: [1, 2]));
        Draws(new SamplingParams(), 50, prompt: [1, 2]).ShouldNotBe(Draws(new SamplingParams(), 50, prompt: [2, 1]));
    }

    [Fact]
    public void Sample_OtherSequencesBetween_DoNotMatter()
    {
        var alone = Draws(new SamplingParams { Seed = 7, RepetitionPenalty = 1.3f, TopP = 0.9f }, 40);
        var sampler = new Sampler(64);
        var state = new SequenceSamplingState(new SamplingParams { Seed = 7, RepetitionPenalty = 1.3f, TopP = 0.9f }, []);
        var other = new SequenceSamplingState(new SamplingParams { Seed = 8, TopK = 3, LogProbs = 2, FrequencyPenalty = 1 }, [1, 2, 3]);
        var mixed = Enumerable.Range(0, 40).Select(step =>
        {
            sampler.Sample(Step(step + 1000), other);
            return sampler.Sample(Step(step), state).Id;
        }).ToArray();
        mixed.ShouldBe(alone);
    }

    [Theory]
    [InlineData(1f, 1f, 0)]
    [InlineData(0.7f, 0.9f, 0)]
    [InlineData(1.4f, 1f, 12)]
    public void Sample_ManyDraws_FollowTheProbabilities(float temperature, float topP, int topK)
    {
        const int Samples = 40_000;
        var logits = Step(3);
        var sampler = new Sampler(logits.Length);
        var state = new SequenceSamplingState(new SamplingParams { Seed = 2026, Temperature = temperature, TopP = topP, TopK = topK }, []);
        var counts = new int[logits.Length];
        for (var i = 0; i < Samples; i++) counts[sampler.Sample((float[])[.. logits], state).Id]++;

        var kept = SamplerGoldenTests.Kept(sampler.Candidates);
        counts.Where((_, id) => !kept.ContainsKey(id)).Sum().ShouldBe(0);
        var classes = kept.Where(pair => pair.Value * Samples >= 5).ToArray();
        var statistic = classes.Sum(pair => Math.Pow(counts[pair.Key] - (pair.Value * Samples), 2) / (pair.Value * Samples));
        var degrees = classes.Length - 1;
        // Mean n and variance 2n: five deviations.
        statistic.ShouldBeLessThan(degrees + (5 * Math.Sqrt(2.0 * degrees)));
        statistic.ShouldBeGreaterThan(degrees - (5 * Math.Sqrt(2.0 * degrees)));
    }

    [Fact]
    public void Sample_AnyFilters_KeepWhatADirectComputationKeeps() =>
        Gen.Select(Logits, Gen.Float[0.02f, 2f], Gen.Int[0, 300], Gen.Float[0.01f, 1f], Gen.OneOf(Gen.Const(0f), Gen.Float[0f, 0.5f])).Sample(
            (logits, temperature, topK, topP, minP) =>
            {
                var sampling = new SamplingParams { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, Seed = 1 };
                var sampler = new Sampler(logits.Length);
                var id = sampler.Sample((float[])[.. logits], new SequenceSamplingState(sampling, [])).Id;

                var kept = SamplerGoldenTests.Kept(sampler.Candidates);
                kept.ShouldContainKey(id);
                var (must, may) = Direct(logits, sampling);
                must.Except(kept.Keys).ShouldBeEmpty();
                kept.Keys.Except(may).ShouldBeEmpty();
            });

    [Fact]
    public void Sample_TopK_KeepsAtLeastKAndAllEquals() =>
        Gen.Select(Logits, Gen.Int[1, 800]).Sample((logits, k) =>
        {
            var sampler = new Sampler(logits.Length);
            sampler.Sample((float[])[.. logits], new SequenceSamplingState(new SamplingParams { TopK = k, Seed = 1 }, []));
            var least = logits.OrderDescending().Take(k).Last();
            SamplerGoldenTests.Kept(sampler.Candidates).Keys.ShouldBe(Enumerable.Range(0, logits.Length).Where(id => logits[id] >= least));
        });

    [Fact]
    public void Sample_LargeVocabulary_SelectsAcrossBlocks()
    {
        var random = new Random(11);
        var logits = Enumerable.Range(0, 131_072).Select(_ => (float)(random.NextDouble() * 30)).ToArray();
        var sampler = new Sampler(logits.Length);
        foreach (var k in new[] { 1, 50, 1024, 1025, 100_000 })
        {
            sampler.Sample((float[])[.. logits], new SequenceSamplingState(new SamplingParams { TopK = k, Seed = 1 }, []));
            var least = logits.OrderDescending().ElementAt(k - 1);
            sampler.Candidates.Count.ShouldBe(logits.Count(value => value >= least));
        }
    }

    [Fact]
    public void Sample_TinyTemperature_IsRaisedToAHundredth()
    {
        var sampler = new Sampler(2);
        sampler.Sample([0f, 0.01f], new SequenceSamplingState(new SamplingParams { Temperature = 0.001f, Seed = 1 }, []));
        SamplerGoldenTests.Kept(sampler.Candidates)[0].ShouldBe(1 / (1 + Math.E), 1e-5);
    }

    [Fact]
    public void Sample_EqualLogitsUnderTopP_KeepsTheLowestIds()
    {
        var sampler = new Sampler(100);
        sampler.Sample(new float[100], new SequenceSamplingState(new SamplingParams { TopP = 0.255f, Seed = 1 }, []));
        SamplerGoldenTests.Kept(sampler.Candidates).Keys.ShouldBe(Enumerable.Range(0, 26));
    }

    [Fact]
    public void Sample_RuledOutTokens_AreNeverDrawn()
    {
        var logits = Enumerable.Repeat(float.NegativeInfinity, 300).ToArray();
        logits[17] = -1000f;
        logits[250] = -1000f;
        var sampler = new Sampler(300);
        foreach (var sampling in (SamplingParams[])[new() { Seed = 1 }, new() { Seed = 1, TopP = 0.99f }, new() { Seed = 1, TopK = 40 }, new() { Seed = 1, MinP = 0.5f }])
        {
            var state = new SequenceSamplingState(sampling with { LogProbs = 5 }, []);
            var tokens = Enumerable.Range(0, 40).Select(_ => sampler.Sample((float[])[.. logits], state)).ToArray();
            tokens.Select(token => token.Id).Distinct().Order().ShouldBe([17, 250]);
            tokens[0].Top.Count.ShouldBe(2);
        }
    }

    [Theory]
    [InlineData(float.NaN, 0f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    public void Sample_DamagedLogits_Throws(float damage, float temperature)
    {
        var sampler = new Sampler(100);
        for (var id = 0; id < 100; id++)
        {
            var logits = new float[100];
            logits[id] = damage;
            Should.Throw<InvalidOperationException>(
                () => sampler.Sample(logits, new SequenceSamplingState(new SamplingParams { Temperature = temperature }, []))).Message.ShouldContain("damaged");
        }
    }

    [Fact]
    public void Sample_EverythingRuledOut_Throws() =>
        Should.Throw<InvalidOperationException>(() => new Sampler(9).Sample(
            Enumerable.Repeat(float.NegativeInfinity, 9).ToArray(), new SequenceSamplingState(new SamplingParams(), []))).Message.ShouldContain("ruled out");

    [Fact]
    public void Sample_TooFewTokensYet_CannotEnd()
    {
        var sampling = new SamplingParams { Temperature = 0, MinTokens = 2, StopTokenIds = [5] };
        var state = new SequenceSamplingState(sampling, [], eosTokens: [2]);
        var sampler = new Sampler(8);

        Enumerable.Range(0, 3).Select(_ => sampler.Sample((float[])[0, 0, 9, 1, 0, 8, 0, 0], state).Id).ShouldBe([3, 3, 2]);
        state.OutputTokens.ShouldBe(3);
        (state.IsEnd(2), state.IsEnd(5), state.IsEnd(3)).ShouldBe((true, true, false));
        new SequenceSamplingState(sampling with { IgnoreEos = true }, [], eosTokens: [2]).IsEnd(2).ShouldBeFalse();
    }

    [Fact]
    public void Sample_FrequencyPenalty_GrowsWithEveryUse()
    {
        var state = new SequenceSamplingState(new SamplingParams { Temperature = 0, FrequencyPenalty = 1, PresencePenalty = 0.5f }, [0]);
        var sampler = new Sampler(2);
        // Token 0 stays ahead by 3: after one use 1.5, after two 0.5, after three it falls behind.
        Enumerable.Range(0, 4).Select(_ => sampler.Sample((float[])[3, 0], state).Id).ShouldBe([0, 0, 0, 1]);
    }

    [Fact]
    public void Sample_AfterWarmUp_AllocatesNothing()
    {
        var sampler = new Sampler(5000);
        var logits = new float[5000];
        SequenceSamplingState[] states =
        [
            new(new SamplingParams { Temperature = 0 }, []),
            new(new SamplingParams { Seed = 1 }, []),
            new(new SamplingParams { Seed = 1, TopK = 50, TopP = 0.9f, MinP = 0.01f, LogitBias = new Dictionary<int, float> { [3] = 1 } }, []),
            new(new SamplingParams { Seed = 1, TopP = 0.9f }, []),
        ];
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Run()
        {
            foreach (var state in states)
            {
                for (var id = 0; id < logits.Length; id++) logits[id] = id * 7919 % 1000 * 0.02f;
                sampler.Sample(logits, state);
            }
        }
    }

    [Fact]
    public void Sample_OtherVocabulary_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new Sampler(10).Sample(new float[11], new SequenceSamplingState(new SamplingParams(), [])));

    private static int[] Draws(SamplingParams sampling, int count, int choice = 0, int[]? prompt = null)
    {
        var sampler = new Sampler(64);
        var state = new SequenceSamplingState(sampling, prompt ?? [], choice: choice);
        return [.. Enumerable.Range(0, count).Select(step => sampler.Sample(Step(step), state).Id)];
    }

    private static float[] Step(int step)
    {
        var random = new Random(step);
        return [.. Enumerable.Range(0, 64).Select(_ => (float)(random.NextDouble() * 4))];
    }

    // By sorting, in double; ids near a border may go either way.
    private static (HashSet<int> Must, HashSet<int> May) Direct(float[] logits, SamplingParams sampling)
    {
        const double Slack = 1e-4;
        var order = Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ToArray();
        var scaled = order.Select(id => logits[id] / (double)sampling.Temperature).ToArray();
        var least = sampling.TopK > 0 && sampling.TopK < logits.Length ? scaled[sampling.TopK - 1] : double.NegativeInfinity;
        var bound = scaled[0] + Math.Log(sampling.MinP);
        var weights = scaled.Select(value => value >= least && value >= bound ? Math.Exp(value - scaled[0]) : 0).ToArray();
        var mass = sampling.TopP >= 1 ? double.PositiveInfinity : sampling.TopP * weights.Sum();
        HashSet<int> must = [], may = [];
        for (var i = 0; i < order.Length; i++)
        {
            // Equals count together: which of them top_p keeps is for the sampler to say.
            var before = scaled.Select((value, at) => value > scaled[i] ? weights[at] : 0).Sum();
            var upTo = scaled.Select((value, at) => value >= scaled[i] ? weights[at] : 0).Sum();
            if (scaled[i] >= least && scaled[i] > bound - Slack && before < mass * (1 + Slack)) may.Add(order[i]);
            if (scaled[i] >= least && scaled[i] > bound + Slack && (i == 0 || upTo < mass * (1 - Slack))) must.Add(order[i]);
        }

        if (order.Count(id => logits[id] == logits[order[0]]) > 1) must.Remove(order[0]);
        return (must, may);
    }
}
