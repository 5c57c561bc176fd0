using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Sampling;

namespace Dray.Inference.Tests;

public sealed class GenerationOverridesTests
{
    private static readonly GenerationConfig File = new() { Temperature = 0.7, TopP = 0.8, TopK = 20 };

    [Fact]
    public void Over_NothingSet_IsTheCheckpoints() =>
        new GenerationOverrides().Over(File).ShouldBeEquivalentTo(new SamplingParams { Temperature = 0.7f, TopP = 0.8f, TopK = 20 });

    [Fact]
    public void Over_EverythingSet_GoesBeforeTheCheckpoints() =>
        new GenerationOverrides { Temperature = 0.15, TopP = 0.9, TopK = -1, MinP = 0.1, RepetitionPenalty = 1.2, MaxNewTokens = 9 }.Over(File).ShouldBeEquivalentTo(
            new SamplingParams { Temperature = 0.15f, TopP = 0.9f, TopK = 0, MinP = 0.1f, RepetitionPenalty = 1.2f, MaxTokens = 9 });

    [Fact]
    public void Over_CheckpointThatDoesNotSample_IsGreedyUnlessATemperatureIsSet()
    {
        var greedy = File with { DoSample = false };

        new GenerationOverrides().Over(greedy).Temperature.ShouldBe(0);
        new GenerationOverrides { Temperature = 0.5 }.Over(greedy).Temperature.ShouldBe(0.5f);
    }

    [Fact]
    public void Load_ValuesOutOfRange_AreRefusedByName()
    {
        Message(new EngineOptions { MaxNumSeqs = 0 }).ShouldContain("MaxNumSeqs");
        Message(new EngineOptions { GenerationOverrides = new GenerationOverrides { TopP = 0 } }).ShouldContain("TopP");

        static string Message(EngineOptions options) =>
            Should.Throw<EngineConfigurationException>(() => InferenceEngine.Load(DemoEngine.Folder, new CpuBackend(), options)).Message;
    }

    [Fact]
    public async Task GenerateAsync_MaxNewTokens_BoundsAnswersAndGivesWayToTheContext()
    {
        await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 64, GenerationOverrides = new GenerationOverrides { MaxNewTokens = 48 } });

        var asked = await engine.AnswerAsync(DemoEngine.Text("Hi", sampling => sampling with { MaxTokens = 60, IgnoreEos = true }));
        var open = await engine.AnswerAsync(DemoEngine.Text(string.Concat(Enumerable.Repeat("word ", 20)), sampling => sampling with { MaxTokens = null, IgnoreEos = true }));

        asked.CompletionTokens.ShouldBe(48);
        open.CompletionTokens.ShouldBe(64 - open.PromptTokens);
        open.CompletionTokens.ShouldBeLessThan(48);
    }
}
