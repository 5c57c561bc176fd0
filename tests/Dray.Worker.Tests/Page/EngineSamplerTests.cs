using Dray.Inference;
using Dray.Worker.Page;
using Dray.Worker.Telemetry;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Page;

public sealed class EngineSamplerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly EngineFake _engine = new();
    private readonly RemainingRows _remaining;
    private readonly EngineSampler _sampler;

    public EngineSamplerTests()
    {
        _engine.Statistics = new EngineStatistics { CompletionTokens = 1000, PromptTokens = 5000 };
        _remaining = new RemainingRows(_time);
        _sampler = new EngineSampler(_engine, _remaining, queues: null, _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _sampler.Dispose();

    [Fact]
    public async Task Read_EngineWorked_HasItsRatesSinceTheSampleBefore()
    {
        await _sampler.StartAsync(Token);
        _remaining.Planned("batch", 7);
        _engine.Statistics = new EngineStatistics
        {
            CompletionTokens = 1100, PromptTokens = 5600, KvBlocks = 8, KvBlocksUsed = 2, MeanPrefillFill = 0.5, Running = 3, Waiting = 4,
        };
        _time.Advance(EngineSampler.Period);
        _time.Advance(EngineSampler.Period);

        var samples = _sampler.Read();

        samples[0].ShouldBe(new EngineSample
        {
            GeneratedPerSecond = 50, PromptPerSecond = 300, KvUse = 0.25, PrefillFill = 0.5, Running = 3, Waiting = 4, Queued = 7,
        });
        (samples[1].GeneratedPerSecond, samples[1].PromptPerSecond).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Read_NoKvCache_HasNoUseOfIt()
    {
        await _sampler.StartAsync(Token);
        _time.Advance(EngineSampler.Period);

        _sampler.Read().Single().KvUse.ShouldBe(double.NaN);
    }

    [Fact]
    public async Task Read_MoreThanTenMinutes_KeepsTheNewest()
    {
        await _sampler.StartAsync(Token);
        for (var at = 0; at < EngineSampler.Most; at++) _time.Advance(EngineSampler.Period);
        _engine.Statistics = _engine.Statistics with { Running = 1 };
        _time.Advance(EngineSampler.Period);

        var samples = _sampler.Read();

        samples.Length.ShouldBe(EngineSampler.Most);
        samples.Select(sample => sample.Running).TakeLast(2).ShouldBe([0, 1]);
    }
}
