using System.Globalization;
using System.Text.Json;
using Dray.Inference;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Benchmarks.Engine;

/// <summary>Prompt throughput of rows that share a long beginning, with the prefix cache on and off, in turn.</summary>
internal static class PrefixCacheReport
{
    private const int Rows = 256;
    private const int PrefixTokens = 1500;

    public static async Task RunAsync(string modelFolder, int rounds)
    {
        var seconds = new Dictionary<bool, List<double>> { [true] = [], [false] = [] };
        var promptTokens = 0L;
        for (var round = 0; round < rounds; round++)
        {
            foreach (var caching in new[] { true, false })
            {
                await using var engine = InferenceEngine.Load(modelFolder, new CpuBackend(), new EngineOptions { MaxModelLen = 4096, EnablePrefixCaching = caching });
                var requests = Requests(modelFolder, round);
                await engine.GenerateAsync(requests[0] with { Prompt = Chat("warm up") });
                var start = TimeProvider.System.GetTimestamp();
                var results = await Task.WhenAll(requests.Select(request => engine.GenerateAsync(request)));
                seconds[caching].Add(TimeProvider.System.GetElapsedTime(start).TotalSeconds);
                promptTokens = results.Sum(result => (long)result.PromptTokens);
            }
        }

        var (on, off) = (Median(seconds[true]), Median(seconds[false]));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Rows} rows, {PrefixTokens} tokens shared, {promptTokens} prompt tokens, medians of {rounds}: cache on {promptTokens / on:F0} tok/s, off {promptTokens / off:F0} tok/s, ratio {off / on:F1}"));
    }

    private static GenerationRequest[] Requests(string modelFolder, int round)
    {
        var tokenizer = TekkenTokenizer.Load(Path.Combine(modelFolder, "tekken.json"));
        var prefix = "";
        for (var i = 0; tokenizer.Encode(prefix).Length < PrefixTokens; i++) prefix += $"Rule {i} of round {round}: read the document with care. ";
        return [.. Enumerable.Range(0, Rows).Select(row => new GenerationRequest
        {
            Prompt = Chat($"{prefix}\nLabel text {row}."),
            Sampling = new SamplingParams { Temperature = 0, MaxTokens = 1 },
        })];
    }

    private static ChatRequest Chat(string content) => ChatRequest.Parse(JsonSerializer.SerializeToElement(new { messages = new[] { new { role = "user", content } } }));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
