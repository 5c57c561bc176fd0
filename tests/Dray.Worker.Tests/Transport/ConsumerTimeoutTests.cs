using Dray.Contracts;
using Dray.Tests.Services;
using Dray.Worker.Tests.Support;
using Dray.Worker.Transport;

namespace Dray.Worker.Tests.Transport;

/// <summary>A broker that takes deliveries back after seconds: work that takes several times as long, and a delivery that does overrun.</summary>
public sealed class ConsumerTimeoutTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);
    private RabbitMqNode? _node;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private BrokerOptions Broker => BrokerOptions.Parse(_node!.Uri.OriginalString) with { ConsumerTimeout = Timeout };

    public async ValueTask InitializeAsync()
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        _node = await RabbitMqNode.StartAsync(
            advanced: $"{{consumer_timeout,{Timeout.TotalMilliseconds}}},{{channel_tick_interval,500}}", cancellationToken: Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null) await _node.DisposeAsync();
    }

    [Fact]
    public async Task RunChunk_WorkLongerThanTheBrokerWaits_IsHandedOnInTimeAndNothingRunsTwice()
    {
        await using var bench = await BrokerBench.StartAsync(Token, Broker);
        var engine = new EngineFake { Before = (_, token) => Task.Delay(TimeSpan.FromSeconds(0.5), token) };
        await bench.StartWorkerAsync(
            Token,
            options => (options.ChunkRows, options.ConcurrentChunks, options.MaxRowsInFlight, options.ChunkTime, options.RowTimeout) =
                (50, 1, 1, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1.5)),
            engine);

        await bench.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(18), Token);
        await bench.Events.NextAsync<BatchCompleted>(Token);

        await bench.ShouldBeWholeAsync("b1", 18, Token);
        engine.Calls.Values.ShouldAllBe(calls => calls == 1);
        (await bench.Client.ListAsync(Token)).Where(depth => depth.IsFailure).Sum(depth => depth.Messages ?? 0).ShouldBe(0);
    }

    [Fact]
    public async Task RunChunk_DeliveryThatOverruns_TheConsumerComesBackAndTheBatchCompletes()
    {
        await using var bench = await BrokerBench.StartAsync(Token, Broker);
        var held = new HeldRows();

        // This worker believes that the broker waits longer than it does.
        await using var worker = await BrokerWorker.StartAsync(
            Broker with { ConsumerTimeout = TimeSpan.FromMinutes(30) }, bench.Store, Token,
            options => (options.ChunkRows, options.ConcurrentChunks, options.MaxRowsInFlight) = (3, 1, 1), held.Engine());
        await bench.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(6), Token);
        await held.StartedAsync("prompt 0", Token);
        await Until.TrueAsync(async () => (await bench.Client.ListAsync(Token)).Single(depth => depth.Queue == "dray-run-chunk-normal").Consumers == 0, Token);
        held.ReleaseAll();
        await bench.Events.NextAsync<BatchCompleted>(Token);

        await bench.ShouldBeWholeAsync("b1", 6, Token);
        await bench.Client.PublishAsync(new RunJob { JobId = "j1", Body = System.Text.Json.JsonElement.Parse(JobLines.Line("x", "after")).GetProperty("body") }, cancellationToken: Token);
        await bench.Events.NextAsync<JobCompleted>(Token);
    }
}
