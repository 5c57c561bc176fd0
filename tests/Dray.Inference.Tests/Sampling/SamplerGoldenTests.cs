using System.Text.Json;
using Dray.Inference.Sampling;

namespace Dray.Inference.Tests.Sampling;

/// <summary>vLLM's rules: small cases from the fixtures anywhere, all of them where the shared folder is.</summary>
public sealed class SamplerGoldenTests
{
    private static readonly string Fixtures = Path.Combine(SharedFolder.Repository, "tests", "Dray.Inference.Tests", "Fixtures", "sampling");

    [Fact]
    public void Sample_Fixtures_MeetVllm() => CheckAll(Path.Combine(Fixtures, "sampling.jsonl"), atLeast: 10);

    [Fact]
    public void Sample_EveryGolden_MeetsVllm() => CheckAll(SharedFolder.Require("goldens", "sampling", "sampling.jsonl"), atLeast: 41);

    [Fact]
    public void Sample_FixtureTies_MeetVllm() => CheckTies(Path.Combine(Fixtures, "greedy_ties.jsonl"), atLeast: 3);

    [Fact]
    public void Sample_EveryGoldenTie_MeetsVllm() => CheckTies(SharedFolder.Require("goldens", "sampling", "greedy_ties.jsonl"), atLeast: 15);

    private static void CheckAll(string path, int atLeast)
    {
        var rows = Rows(path);
        rows.Length.ShouldBeGreaterThanOrEqualTo(atLeast);
        foreach (var row in rows) Check(row);
    }

    private static void Check(JsonElement row)
    {
        var name = row.GetProperty("name").GetString();
        var fields = row.GetProperty("params");
        var parsed = SamplingParams.Parse(fields, new SamplingParams { LogProbs = 5 });
        var logits = Floats(row.GetProperty("logits"));
        var sampler = new Sampler(logits.Length);
        var expected = row.GetProperty("expected");

        var token = sampler.Sample((float[])[.. logits], State(parsed));

        CheckTop(row.GetProperty("raw_logprobs_top5"), token.Top, name);
        sampler.Sample((float[])[.. logits], State(parsed with { Temperature = 0 })).Id.ShouldBe(row.GetProperty("greedy_id").GetInt32(), name);
        var probabilities = expected.GetProperty("probs").EnumerateArray().ToDictionary(pair => pair[0].GetInt32(), pair => pair[1].GetDouble());
        if (expected.GetProperty("greedy").GetBoolean())
        {
            token.Id.ShouldBe(row.GetProperty("greedy_id").GetInt32(), name);
            return;
        }

        probabilities.ContainsKey(token.Id).ShouldBeTrue(name);
        var kept = Kept(sampler.Candidates);
        kept.Count.ShouldBe(expected.GetProperty("kept").GetInt32(), name);
        kept.Keys.ToArray().ShouldBe([.. probabilities.Keys.Order()], name);
        foreach (var (id, probability) in probabilities) kept[id].ShouldBe(probability, 1e-5, name);

        SequenceSamplingState State(SamplingParams sampling)
        {
            var state = new SequenceSamplingState(sampling, Ids(fields, "prompt_ids"));
            foreach (var id in Ids(fields, "output_ids")) state.Record(id);
            return state;
        }
    }

    private static void CheckTop(JsonElement expected, IReadOnlyList<TokenLogProb> actual, string? name)
    {
        var rows = expected.EnumerateArray().ToArray();
        actual.Count.ShouldBe(rows.Length, name);
        for (var i = 0; i < rows.Length; i++)
        {
            ((double)actual[i].LogProb).ShouldBe(rows[i][1].GetDouble(), 2e-5, name);
            // Equal logits have no order of their own.
            if (rows.Count(row => row[1].GetDouble() == rows[i][1].GetDouble()) == 1) actual[i].Id.ShouldBe(rows[i][0].GetInt32(), name);
        }
    }

    private static void CheckTies(string path, int atLeast)
    {
        var rows = Rows(path);
        rows.Length.ShouldBeGreaterThanOrEqualTo(atLeast);
        foreach (var row in rows)
        {
            var logits = Floats(row.GetProperty("logits"));
            var sampler = new Sampler(logits.Length);
            sampler.Sample((float[])[.. logits], new SequenceSamplingState(new SamplingParams { Temperature = 0 }, []))
                .Id.ShouldBe(row.GetProperty("greedy_id").GetInt32());
            sampler.Sample((float[])[.. logits], new SequenceSamplingState(new SamplingParams { TopK = row.GetProperty("top_k").GetInt32() }, []));
            Kept(sampler.Candidates).Keys.ShouldBe(row.GetProperty("top_k_kept_ids").EnumerateArray().Select(id => id.GetInt32()));
        }
    }

    internal static SortedDictionary<int, double> Kept(CandidateSet candidates)
    {
        var kept = new SortedDictionary<int, double>();
        var total = Enumerable.Range(0, candidates.Count).Sum(place => (double)candidates.Weight(place));
        for (var place = 0; place < candidates.Count; place++) kept.Add(candidates.Id(place), candidates.Weight(place) / total);
        return kept;
    }

    private static JsonElement[] Rows(string path) => [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    private static float[] Floats(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetSingle())];

    private static int[] Ids(JsonElement fields, string name) =>
        fields.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(id => id.GetInt32())] : [];
}
