using System.Text.Json;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests;

/// <summary>The demo model in samples/ as an engine, and requests for it.</summary>
internal static class DemoEngine
{
    public static string Folder { get; } = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

    private static string Jobs { get; } = Path.Combine(SharedFolder.Repository, "samples", "jobs");

    public static InferenceEngine Load(EngineOptions? options = null, IComputeBackend? backend = null) =>
        InferenceEngine.Load(Folder, backend ?? new CpuBackend(), options ?? new EngineOptions { MaxModelLen = 4096 });

    public static Task<GenerationResult> AnswerAsync(this InferenceEngine engine, GenerationRequest request) =>
        engine.GenerateAsync(request, TestContext.Current.CancellationToken);

    public static GenerationRequest Text(string content, Func<SamplingParams, SamplingParams>? sampling = null)
    {
        var body = JsonSerializer.SerializeToElement(new { messages = new[] { new { role = "user", content } } });
        var greedy = new SamplingParams { Temperature = 0, MaxTokens = 64 };
        return new GenerationRequest { Prompt = ChatRequest.Parse(body), Sampling = sampling is null ? greedy : sampling(greedy) };
    }

    /// <summary>The sample jobs with their pictures, and what upstream's float32 run answers.</summary>
    public static IEnumerable<(string Name, GenerationRequest Request, JsonElement Expected)> Samples()
    {
        var expected = File.ReadLines(Path.Combine(Jobs, "demo-reference.jsonl")).Select(line => JsonElement.Parse(line))
            .ToDictionary(row => row.GetProperty("custom_id").GetString()!);
        foreach (var line in File.ReadLines(Path.Combine(Jobs, "demo.jsonl")))
        {
            var row = JsonElement.Parse(line);
            var name = row.GetProperty("custom_id").GetString()!;
            var chat = ChatRequest.Parse(row.GetProperty("body"));
            yield return (name, new GenerationRequest
            {
                Prompt = chat,
                Images = [.. chat.ImageUrls.Select(url => (ReadOnlyMemory<byte>)File.ReadAllBytes(Path.Combine(Jobs, url)))],
                Sampling = SamplingParams.Parse(row.GetProperty("body"), new SamplingParams()),
                Format = StructuredOutput.Parse(row.GetProperty("body"), chat),
            }, expected[name]);
        }
    }
}
