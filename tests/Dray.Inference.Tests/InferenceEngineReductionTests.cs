using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests;

/// <summary>Sampling from a row's greatest logits, where a backend offers them, instead of from whole rows.</summary>
public sealed class InferenceEngineReductionTests
{
    [Fact]
    public async Task GenerateAsync_ReducedLogits_GivesTheAnswersOfWholeRows()
    {
        var (reductions, downloads) = (0, 0);
        var backend = new InterceptedBackend(new CpuBackend(), name =>
        {
            if (name == nameof(IComputeBackend.ReduceLogits)) reductions++;
            if (name == nameof(IComputeBackend.Download)) downloads++;
        })
        {
            ReducesLogits = true,
        };
        await using var whole = DemoEngine.Load();
        await using var reduced = DemoEngine.Load(backend: backend);
        var requests = DemoEngine.Samples().Select(sample => sample.Request)
            .Concat(Enumerable.Range(0, 6).Select(seed => DemoEngine.Text("What is 2+2? One word.", sampling => sampling with
            {
                Seed = seed, Temperature = 0.5f + (seed * 0.25f), TopP = seed % 2 == 0 ? 1 : 0.9f, TopK = seed == 3 ? 20 : 0, LogProbs = seed == 4 ? 3 : null, MaxTokens = 12, N = 2,
            })))
            .ToArray();

        var expected = await Task.WhenAll(requests.Select(whole.AnswerAsync));
        var actual = await Task.WhenAll(requests.Select(reduced.AnswerAsync));

        for (var i = 0; i < requests.Length; i++)
        {
            actual[i].Choices.Select(choice => (choice.Content, choice.FinishReason, choice.ToolCalls.Count))
                .ShouldBe(expected[i].Choices.Select(choice => (choice.Content, choice.FinishReason, choice.ToolCalls.Count)), $"request {i}");
            actual[i].CompletionTokens.ShouldBe(expected[i].CompletionTokens);
        }

        reductions.ShouldBeGreaterThan(20);
        downloads.ShouldBeGreaterThan(0, "structured output needs whole rows");
    }
}
