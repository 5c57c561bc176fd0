using Dray.Cli.Drill;
using Dray.Cli.Tests.Support;
using Dray.Tests.Services;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Cli.Tests.Faults;

/// <summary>Workers that are killed again and again, on a real broker and a real blob server.</summary>
[Collection(FaultGroup.Name)]
public sealed class KillTests(BrokerFixture broker, ITestOutputHelper output) : IClassFixture<BrokerFixture>, IDisposable
{
    private const int Rows = 2000;
    private const int Kills = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(5)]
    public async Task Batch_WorkersKilledFiftyTimes_LosesNothingAndDoublesNothing(int seed)
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var azurite = await AzuriteServer.SharedAsync();
        var store = $"{azurite.ConnectionString}Container=kills-{seed}";
        var options = new DrillOptions
        {
            Broker = BrokerOptions.Parse(broker.Url),
            Store = BlobStoreLocation.Parse(store),
            Worker = new WorkerProcessOptions
            {
                Broker = broker.Url,
                Store = store,
                Model = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo"),
                Config = _folder.Write("worker.yaml", "chunk_rows: 20\n"),
                Threads = 1,
            },
            Rows = Rows,
            Kills = Kills,
            Seed = seed,
            OnlyKills = true,
        };

        var result = await new DrillRun(options, new DrillLog(output)).RunAsync(patience.Token);

        output.WriteLine($"Undisturbed {result.Undisturbed}, killed {result.Disturbed}.");
        result.Invariants.Where(invariant => !invariant.Holds).ShouldBeEmpty();
        result.Invariants.Count.ShouldBe(10);
        result.Faults.Count.ShouldBe(Kills);
    }
}
