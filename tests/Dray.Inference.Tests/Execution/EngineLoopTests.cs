using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Execution;

public sealed class EngineLoopTests
{
    /// <summary>A request that can't be sampled fails by itself; those in the same step get the answers they would get alone.</summary>
    [Fact]
    public async Task Step_OneRequestCannotBeSampled_OnlyItFails()
    {
        await using var engine = DemoEngine.Load();
        var everyToken = Enumerable.Range(0, 4096).ToDictionary(id => id, _ => float.NegativeInfinity);
        var hopeless = DemoEngine.Text("Hello", sampling => sampling with { LogitBias = everyToken, N = 2 });
        var good = DemoEngine.Text("What is 2+2? One word.");

        var doomed = engine.AnswerAsync(hopeless);
        var answers = await Task.WhenAll(engine.AnswerAsync(good), engine.AnswerAsync(good with { Chat = Chat("What is 2+3? One word.") }));

        (await Should.ThrowAsync<InvalidOperationException>(() => doomed)).Message.ShouldContain("ruled out");
        answers.Select(answer => answer.Choices[0].Content).ShouldBe(["Four", "Five"]);
    }

    [Fact]
    public async Task Statistics_WorkThenNone_ShowHeartbeatBlocksAndWhetherThereIsWork()
    {
        await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 4096, MaxKvTokens = 8192, EnablePrefixCaching = false });
        using var cancellation = new CancellationTokenSource();
        engine.Statistics.ShouldSatisfyAllConditions(
            idle => idle.HasWork.ShouldBeFalse(), idle => idle.KvBlocks.ShouldBe(512), idle => idle.KvBlocksUsed.ShouldBe(0));

        var endless = engine.GenerateAsync(
            DemoEngine.Text("Hello", sampling => sampling with { MaxTokens = 4000, IgnoreEos = true }), cancellation.Token);
        await engine.AnswerAsync(DemoEngine.Text("What is 2+2? One word."));
        var busy = engine.Statistics;
        await engine.AnswerAsync(DemoEngine.Text("What is 2+3? One word."));
        var later = engine.Statistics;
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => endless);
        await engine.AnswerAsync(DemoEngine.Text("What is 2+2? One word."));

        busy.HasWork.ShouldBeTrue();
        busy.KvBlocksUsed.ShouldBeInRange(1, 511);
        later.Heartbeat.ShouldBeGreaterThan(busy.Heartbeat);
        engine.Statistics.ShouldSatisfyAllConditions(idle => idle.HasWork.ShouldBeFalse(), idle => idle.KvBlocksUsed.ShouldBe(0));
    }

    private static ChatRequest Chat(string content) => ChatRequest.Parse(JsonSerializer.SerializeToElement(new { messages = new[] { new { role = "user", content } } }));
}
