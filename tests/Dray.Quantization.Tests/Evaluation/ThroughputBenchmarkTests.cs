using Dray.Inference;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;
using Dray.Quantization.Evaluation;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class ThroughputBenchmarkTests
{
    private const int WarmUpTokens = 8;
    private static readonly TekkenTokenizer Tokenizer = TekkenTokenizer.Load(Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo", "tekken.json"));

    [Theory]
    [InlineData(4)]
    [InlineData(57)]
    [InlineData(700)]
    public void SyntheticPrompts_AnyLength_HaveItExactly(int tokens)
    {
        var prompts = new SyntheticPrompts(Tokenizer, tokens);

        for (var seed = 0; seed < 3; seed++) new ChatEncoder(Tokenizer).Encode(prompts.Create(seed), []).Ids.Length.ShouldBe(tokens);
    }

    [Fact]
    public void SyntheticPrompts_Seeds_RepeatAndDiffer()
    {
        var prompts = new SyntheticPrompts(Tokenizer, 60);

        TextOf(prompts.Create(7)).ShouldBe(TextOf(prompts.Create(7)));
        Enumerable.Range(0, 100).Select(seed => TextOf(prompts.Create(seed))).ShouldBeUnique();
    }

    [Fact]
    public async Task RunAsync_OneAtATime_CountsTimeAndTokensWithoutTheWarmUp()
    {
        var time = new FakeTimeProvider();
        // Request k of the level takes k seconds; the warm-up, told by its few tokens, takes a minute.
        var served = 0;
        await using var engine = new ScriptedEngine(request =>
        {
            time.Advance(request.Sampling.MaxTokens == WarmUpTokens ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(++served));
            return new GenerationResult([], 30, request.Sampling.MaxTokens!.Value);
        });

        var levels = await new ThroughputBenchmark(engine, new SyntheticPrompts(Tokenizer, 30), time)
            .RunAsync(new ThroughputOptions { Concurrency = [1], Requests = 4, MaxTokens = 12 }, cancellationToken: TestContext.Current.CancellationToken);

        var level = levels.ShouldHaveSingleItem();
        level.Elapsed.ShouldBe(TimeSpan.FromSeconds(10));
        (level.Succeeded, level.PromptTokens, level.CompletionTokens).ShouldBe((4, 120, 48));
        (level.TokensPerSecond, level.PromptTokensPerSecond).ShouldBe((4.8, 12));
        (level.MeanLatency, level.LatencyAt(0), level.LatencyAt(0.5), level.LatencyAt(1)).ShouldBe((2.5, 1, 2.5, 4));
        level.LatencyAt(0.95).ShouldBe(3.85, 1e-9);
        (level.LeastTokensPerSecond, level.MostTokensPerSecond).ShouldBe((3, 12));
    }

    [Fact]
    public async Task RunAsync_ManyAtOnce_KeepsThatManyWithTheEngine()
    {
        var (running, most, waiting) = (0, 0, new List<TaskCompletionSource>());
        await using var engine = new ScriptedEngine(async request =>
        {
            most = Math.Max(most, ++running);
            if (running == 3)
            {
                foreach (var other in waiting.ToArray()) other.SetResult();
                waiting.Clear();
            }
            else
            {
                var turn = new TaskCompletionSource();
                waiting.Add(turn);
                await turn.Task;
            }

            running--;
            return new GenerationResult([], 30, request.Sampling.MaxTokens!.Value);
        });

        var levels = await new ThroughputBenchmark(engine, new SyntheticPrompts(Tokenizer, 30), new FakeTimeProvider())
            .RunAsync(new ThroughputOptions { Concurrency = [3], Requests = 3, MaxTokens = 20 }, cancellationToken: TestContext.Current.CancellationToken);

        most.ShouldBe(3);
        levels[0].Succeeded.ShouldBe(3);
    }

    [Fact]
    public async Task RunAsync_RequestsThatFail_AreCountedAndTheFirstReasonKept()
    {
        await using var engine = new ScriptedEngine(request =>
            request.Sampling.MaxTokens == WarmUpTokens ? new GenerationResult([], 30, 8) : throw new InvalidOperationException("out of order"));

        var levels = await new ThroughputBenchmark(engine, new SyntheticPrompts(Tokenizer, 30), new FakeTimeProvider())
            .RunAsync(new ThroughputOptions { Concurrency = [2], Requests = 5, MaxTokens = 20 }, cancellationToken: TestContext.Current.CancellationToken);

        (levels[0].Succeeded, levels[0].Requests, levels[0].FirstError).ShouldBe((0, 5, "out of order"));
        (levels[0].TokensPerSecond, levels[0].LatencyAt(0.5), levels[0].MeanLatency).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task RunAsync_AnyRequest_IsGreedyAndIgnoresTheEnd()
    {
        var seen = new List<SamplingParams>();
        await using var engine = new ScriptedEngine(request =>
        {
            seen.Add(request.Sampling);
            return new GenerationResult([], 30, request.Sampling.MaxTokens!.Value);
        });

        await new ThroughputBenchmark(engine, new SyntheticPrompts(Tokenizer, 30))
            .RunAsync(new ThroughputOptions { Concurrency = [1], Requests = 2, MaxTokens = 5 }, cancellationToken: TestContext.Current.CancellationToken);

        seen.Count.ShouldBe(3);
        seen.ShouldAllBe(sampling => sampling.IgnoreEos && sampling.IsGreedy && sampling.MaxTokens == 5);
    }

    private static string TextOf(ChatRequest request) => ((TextPart)request.Messages[0].Content[0]).Text;

    private sealed class ScriptedEngine(Func<GenerationRequest, Task<GenerationResult>> answer) : IInferenceEngine
    {
        public ScriptedEngine(Func<GenerationRequest, GenerationResult> answer)
            : this(request => Task.FromResult(answer(request)))
        {
        }

        public ModelIdentity Model { get; } = new("scripted", "", "none", 4096);

        public SamplingParams DefaultSampling { get; } = new();

        public EngineStatistics Statistics => default;

        public async Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default) => await answer(request);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
