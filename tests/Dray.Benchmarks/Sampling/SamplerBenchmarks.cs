using BenchmarkDotNet.Attributes;
using Dray.Inference.Sampling;

namespace Dray.Benchmarks.Sampling;

/// <summary>One token out of Mistral's 131,072, from logits shaped like a language model's. The copy that restores them is a case of its own.</summary>
[MemoryDiagnoser]
public class SamplerBenchmarks
{
    private const int Vocabulary = 131_072;

    private readonly float[] _source = new float[Vocabulary];
    private readonly float[] _logits = new float[Vocabulary];
    private readonly Sampler _sampler = new(Vocabulary);
    private readonly Dictionary<string, SamplingParams> _cases = new()
    {
        ["greedy"] = new() { Temperature = 0 },
        ["temperature"] = new() { Temperature = 0.7f },
        ["top_k 50"] = new() { TopK = 50 },
        ["top_p 0.9"] = new() { TopP = 0.9f },
        ["top_k 50, top_p 0.9, min_p 0.02"] = new() { TopK = 50, TopP = 0.9f, MinP = 0.02f },
        ["repetition 1.1, top_p 0.9"] = new() { RepetitionPenalty = 1.1f, TopP = 0.9f },
        ["greedy, 5 logprobs"] = new() { Temperature = 0, LogProbs = 5 },
        ["top_p 0.9, flat"] = new() { TopP = 0.9f, Temperature = 2 },
    };

    private SequenceSamplingState _state = new(new SamplingParams(), []);

    /// <summary>Gets or sets the parameters.</summary>
    [ParamsSource(nameof(Cases))]
    public string Case { get; set; } = "copy only";

    /// <summary>Gets the names of the cases.</summary>
    public IEnumerable<string> Cases => ["copy only", .. _cases.Keys];

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var spread = Case.EndsWith("flat", StringComparison.Ordinal) ? 0.5 : 2.5;
        for (var id = 0; id < Vocabulary; id++)
            _source[id] = (float)(spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        for (var id = 0; id < 20 && spread > 1; id++) _source[random.Next(Vocabulary)] = 20 - (id * 0.4f);
        int[] prompt = [.. Enumerable.Range(0, 4000).Select(_ => random.Next(Vocabulary))];
        if (_cases.TryGetValue(Case, out var sampling)) _state = new SequenceSamplingState(sampling with { Seed = 1 }, prompt);
    }

    [Benchmark]
    public int Sample()
    {
        _source.CopyTo(_logits, 0);
        return Case == "copy only" ? 0 : _sampler.Sample(_logits, _state).Id;
    }
}
