using System.Text.Json;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Tokenization;
using Dray.Tests.Compute;

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
        var answers = await Task.WhenAll(engine.AnswerAsync(good), engine.AnswerAsync(good with { Prompt = Chat("What is 2+3? One word.") }));

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

    /// <summary>What ran, what waited and what comes later ends with the one exception, whatever operation lost the device.</summary>
    [Theory]
    [InlineData(nameof(IComputeBackend.Gather))]
    [InlineData(nameof(IComputeBackend.PagedAttention))]
    [InlineData(nameof(IComputeBackend.Download))]
    public async Task Step_DeviceIsLost_FailsWhatRunsWaitsAndComesLater(string operation)
    {
        var lost = new DeviceLostException("The test's device is gone.");
        var (calls, breaks) = (0, false);
        var backend = new InterceptedBackend(new CpuBackend(), name =>
        {
            if (name == operation && breaks && Interlocked.Increment(ref calls) > 3) throw lost;
        });
        await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 4096, MaxNumSeqs = 2 }, backend);
        await engine.AnswerAsync(DemoEngine.Text("What is 2+2? One word."));
        engine.DeviceLost.IsCompleted.ShouldBeFalse();

        breaks = true;
        var requests = Enumerable.Range(0, 5).Select(i => engine.AnswerAsync(DemoEngine.Text($"Count to {i + 20}.", sampling => sampling with { IgnoreEos = true }))).ToArray();
        foreach (var request in requests) (await Should.ThrowAsync<DeviceLostException>(() => request)).ShouldBeSameAs(lost);
        (await engine.DeviceLost.WaitAsync(TestContext.Current.CancellationToken)).ShouldBeSameAs(lost);
        var later = await Should.ThrowAsync<DeviceLostException>(() => engine.AnswerAsync(DemoEngine.Text("Hello")));

        later.ShouldBeSameAs(lost);
        calls.ShouldBe(4, "nothing more is asked of a lost device");
        engine.Statistics.ShouldSatisfyAllConditions(
            idle => idle.HasWork.ShouldBeFalse(), idle => (idle.Running + idle.Waiting).ShouldBe(0), idle => idle.KvBlocksUsed.ShouldBe(0));
    }

    [Fact]
    public async Task Step_AnythingElseFails_TheLoopGoesOn()
    {
        var fails = false;
        var backend = new InterceptedBackend(new CpuBackend(), name =>
        {
            if (fails && name == nameof(IComputeBackend.PagedAttention)) throw new DeviceMemoryException("The test's device is full.");
        });
        await using var engine = DemoEngine.Load(backend: backend);

        fails = true;
        (await Should.ThrowAsync<InvalidOperationException>(() => engine.AnswerAsync(DemoEngine.Text("Hello")))).Message.ShouldContain("is full");
        fails = false;

        (await engine.AnswerAsync(DemoEngine.Text("What is 2+2? One word."))).Choices[0].Content.ShouldBe("Four");
        engine.DeviceLost.IsCompleted.ShouldBeFalse();
    }

    private static ChatRequest Chat(string content) => ChatRequest.Parse(JsonSerializer.SerializeToElement(new { messages = new[] { new { role = "user", content } } }));
}
