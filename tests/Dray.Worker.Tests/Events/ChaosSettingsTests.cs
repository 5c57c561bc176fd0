using System.Diagnostics.Metrics;
using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Tests.Support;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using NSubstitute.Core;
using NSubstitute.Extensions;
using Polly;
using Polly.Registry;
using Polly.Simmy.Fault;
using Polly.Simmy.Latency;
using Polly.Testing;
using Polly.Timeout;

namespace Dray.Worker.Tests.Events;

public sealed class ChaosSettingsTests
{
    private readonly DelaySkippingClock _time = new(EventDelivery.TotalTimeout, EventDelivery.AttemptTimeout);
    private readonly AsyncLocal<bool> _isOurs = new();
    private int _published;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    public void Parse_Nothing_IsNull(string? text) => ChaosSettings.Parse(text).ShouldBeNull();

    [Fact]
    public void Parse_Json_ReadsEveryMember() =>
        ChaosSettings.Parse("""{"fault_rate":0.5,"latency_rate":0.25,"latency_seconds":2,"window_seconds":30,"seed":7}""")
            .ShouldBe(new ChaosSettings { FaultRate = 0.5, LatencyRate = 0.25, LatencySeconds = 2, WindowSeconds = 30, Seed = 7 });

    [Theory]
    [InlineData("yes")]
    [InlineData("null")]
    [InlineData("""{"fault_rate":2}""")]
    [InlineData("""{"faultrate":1}""")]
    [InlineData("""{"latency_seconds":-1}""")]
    public void Parse_Unusable_NamesTheVariable(string text) =>
        Should.Throw<InvalidDataException>(() => ChaosSettings.Parse(text)).Message.ShouldStartWith("$DRAY_CHAOS can't be used: ");

    [Fact]
    public void Configure_Chaos_IsInnermost()
    {
        var builder = new ResiliencePipelineBuilder();
        EventDelivery.Configure(builder, _time, new ChaosSettings { FaultRate = 1 });

        builder.Build().GetPipelineDescriptor().Strategies.Select(strategy => strategy.Options!.GetType()).Skip(3)
            .ShouldBe([typeof(TimeoutStrategyOptions), typeof(ChaosLatencyStrategyOptions), typeof(ChaosFaultStrategyOptions)]);
    }

    [Fact]
    public async Task PublishAsync_FailsInTheFirst30Seconds_ComesThroughAfterThem()
    {
        var start = _time.GetUtcNow();

        await Publisher(new ChaosSettings { FaultRate = 1, WindowSeconds = 30 }).PublishAsync(Progress(), Token);

        _published.ShouldBe(1);
        (_time.GetUtcNow() - start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task ExecuteAsync_SameSeed_FailsTheSameAttempts()
    {
        var runs = new List<bool[]>();
        foreach (var seed in new[] { 5, 5, 6 })
        {
            var builder = new ResiliencePipelineBuilder { TimeProvider = _time };
            new ChaosSettings { FaultRate = 0.5, LatencyRate = 0.5, Seed = seed }.AddTo(builder, _time);
            var pipeline = builder.Build();
            var outcomes = new List<bool>();
            for (var i = 0; i < 64; i++)
                outcomes.Add(await pipeline.ExecuteAsync(_ => ValueTask.FromResult(true), Token).AsTask().ContinueWith(done => done.IsFaulted, TaskScheduler.Default));
            runs.Add([.. outcomes]);
        }

        runs[1].ShouldBe(runs[0]);
        runs[2].ShouldNotBe(runs[0]);
        runs[0].Count(failed => failed).ShouldBeInRange(8, 56);
    }

    [Fact]
    public async Task AddEventDelivery_Retry_IsMeasuredByPolly()
    {
        var events = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "resilience.polly.strategy.events") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, _, tags, _) =>
        {
            if (!_isOurs.Value) return;
            var values = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value?.ToString());
            lock (events) events.Add($"{values["pipeline.name"]} {values.GetValueOrDefault("strategy.name")} {values["event.name"]}");
        });
        listener.Start();
        var endpoint = Endpoint(number => number == 1 ? Task.FromException(new IOException("The broker is gone.")) : Task.CompletedTask);
        await using var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time).AddSingleton(endpoint)
            .AddEventDelivery(WorkerSettings.From(new WorkerOptions())).BuildServiceProvider();
        await using var scope = services.CreateAsyncScope();

        _isOurs.Value = true;
        await scope.ServiceProvider.GetRequiredService<CompletionPublisher>().PublishAsync(Progress(), Token);
        _isOurs.Value = false;

        events.ShouldContain("dray-events retry OnRetry");
        _published.ShouldBe(2);
    }

    private static BatchProgress Progress() => new() { BatchId = "b1", RequestCounts = new() { Total = 2, Completed = 1 }, Usage = new() };

    private IPublishEndpoint Endpoint(Func<int, Task> publish)
    {
        var endpoint = Substitute.For<IPublishEndpoint>();
        endpoint.ReturnsForAll((CallInfo _) => publish(++_published));
        return endpoint;
    }

    private CompletionPublisher Publisher(ChaosSettings chaos)
    {
        var registry = new ResiliencePipelineRegistry<string>();
        registry.TryAddBuilder(EventDelivery.Pipeline, (builder, _) => EventDelivery.Configure(builder, _time, chaos));
        return new CompletionPublisher(Endpoint(_ => Task.CompletedTask), registry, _time);
    }
}
