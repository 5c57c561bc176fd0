using System.Diagnostics;
using System.Globalization;
using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Events;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Cli.Drill;

/// <summary>
/// Runs one batch twice: undisturbed, with a store of its own, and then on the deployment's store while faults happen to it; and checks
/// what must hold of it all the same.
/// </summary>
internal sealed class DrillRun(DrillOptions options, IDrillObserver observer)
{
    private const string SlowPublishing = """{"latency_rate":1,"latency_seconds":4}""";
    private const int MostRounds = 5;
    private const string FailingPublishing = """{"fault_rate":1,"window_seconds":5}""";
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);
    private readonly Random _random = new(options.Seed);
    private readonly List<DrillFault> _faults = [];

    /// <summary>Runs it.</summary>
    /// <exception cref="CommandException">The queues aren't free for it.</exception>
    /// <exception cref="InvalidOperationException">A worker ended by itself.</exception>
    public async Task<DrillResult> RunAsync(CancellationToken cancellationToken)
    {
        await DemandFreeQueuesAsync(cancellationToken);
        var folder = Directory.CreateTempSubdirectory("dray-drill-").FullName;
        try
        {
            return await RunAsync(folder, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<DrillResult> RunAsync(string folder, CancellationToken cancellationToken)
    {
        var jobs = Path.Combine(folder, "jobs.jsonl");
        await DrillJobs.WriteAsync(jobs, options.Rows, options.Seed, cancellationToken);
        var submit = new SubmitOptions { Key = $"dray-drill-{Guid.NewGuid():N}" };
        var batchId = BatchIdentity.OfKey(submit.Key);
        observer.Note($"Batch {batchId}: {options.Rows.ToString(CultureInfo.InvariantCulture)} rows run undisturbed first.");
        var start = Stopwatch.GetTimestamp();
        var quiet = Path.Combine(folder, "undisturbed");
        var undisturbed = await BlobStoreLocation.Parse(quiet).OpenAsync(cancellationToken);
        await using (var crew = new WorkerCrew(options.Workers, options.Worker with { Store = quiet }))
        {
            await crew.StartAsync(cancellationToken);
            await SubmitAsync(BlobStoreLocation.Parse(quiet), jobs, submit, cancellationToken);
            await WaitAsync(undisturbed, batchId, crew, depth => depth.IsOver, cancellationToken);
            await crew.StopAsync(cancellationToken);
        }

        var first = Stopwatch.GetElapsedTime(start);
        observer.Note("The same batch runs again while faults happen to it.");
        start = Stopwatch.GetTimestamp();
        var store = await options.Store.OpenAsync(cancellationToken);
        try
        {
            await using var tap = await EventTap.OpenAsync(options.Broker, cancellationToken);
            await using (var crew = new WorkerCrew(options.Workers, options.Worker))
            {
                await crew.StartAsync(cancellationToken);
                await SubmitAsync(options.Store, jobs, submit, cancellationToken);
                await DisturbAsync(store, batchId, crew, tap, cancellationToken);
                await WaitAsync(store, batchId, crew, depth => depth.IsOver, cancellationToken);
                await tap.WaitAsync(events => Ends(events, batchId) > 0, cancellationToken);
                if (!options.OnlyKills) await RedeliverAfterCommitAsync(store, batchId, tap, cancellationToken);
                await SettleAsync(crew, cancellationToken);
            }

            IReadOnlyList<Invariant> invariants =
            [
                .. await BatchInvariants.CheckAsync(store, batchId, tap.Received, undisturbed, cancellationToken),
                new("queues are empty", await FindMessageAsync(cancellationToken)),
            ];
            return new DrillResult(batchId, _faults, invariants, first, Stopwatch.GetElapsedTime(start));
        }
        finally
        {
            if (!options.Keeps) await DeleteAsync(store, batchId);
        }
    }

    private async Task DisturbAsync(IBlobStore store, string batchId, WorkerCrew crew, EventTap tap, CancellationToken cancellationToken)
    {
        foreach (var fault in DrillFault.Draw(options.Seed, options.Rows, options.Kills, options.OnlyKills))
        {
            bool IsDue(BatchDepth depth) => depth.IsOver || (depth.Rows >= fault.AtRow
                && (fault.Kind != DrillFaultKind.LostCommit || depth.ChunksLeft <= options.Workers));
            var depth = await WaitAsync(store, batchId, crew, IsDue, cancellationToken);
            if (depth.IsOver)
            {
                observer.Note($"The batch was over too early for: {fault.Kind}.");
                continue;
            }

            var victim = crew.Pick(_random);
            observer.Note(string.Create(CultureInfo.InvariantCulture, $"At {depth.Rows} of {depth.Total} rows: {Describe(fault.Kind, victim)}"));
            if (await InflictAsync(fault.Kind, victim, store, batchId, crew, tap, cancellationToken)) _faults.Add(fault with { AtRow = depth.Rows });
            else observer.Note("That came too late: the event was out already.");
        }
    }

    private async Task<bool> InflictAsync(
        DrillFaultKind kind, WorkerProcess victim, IBlobStore store, string batchId, WorkerCrew crew, EventTap tap,
        CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case DrillFaultKind.Kill:
                await victim.KillAsync();
                crew.Launch(victim);
                return true;
            case DrillFaultKind.Drain:
                await victim.WaitUntilServingAsync(cancellationToken);
                await victim.StopAsync(cancellationToken);
                crew.Launch(victim);
                return true;
            case DrillFaultKind.PublishFails:
                await victim.KillAsync();
                crew.Launch(victim, Chaos(FailingPublishing));
                return true;
            case DrillFaultKind.Redeliver:
                await RedeliverAsync(store, batchId, cancellationToken);
                return true;
            default:
                return await LoseCommitAsync(store, batchId, crew, tap, cancellationToken);
        }
    }

    private static string Describe(DrillFaultKind kind, WorkerProcess victim) => kind switch
    {
        DrillFaultKind.Kill => $"{victim.Name} is killed.",
        DrillFaultKind.Drain => $"{victim.Name} is asked to stop.",
        DrillFaultKind.PublishFails => $"{victim.Name} is killed, and once back can't publish for some seconds.",
        DrillFaultKind.Redeliver => "every chunk is delivered once more, in another order.",
        _ => "publishing is slow, and all workers die once the manifest is there.",
    };

    private static Dictionary<string, string> Chaos(string settings) => new() { [ChaosSettings.Variable] = settings };

    // Slow publishing keeps the moment between manifest and event open for seconds.
    private async Task<bool> LoseCommitAsync(
        IBlobStore store, string batchId, WorkerCrew crew, EventTap tap, CancellationToken cancellationToken)
    {
        await crew.KillAsync();
        crew.Launch(Chaos(SlowPublishing));
        await WaitAsync(store, batchId, crew, depth => depth.IsOver, cancellationToken);
        await crew.KillAsync();
        var isLost = Ends(tap.Received, batchId) == 0;
        crew.Launch();
        return isLost;
    }

    private async Task<int> RedeliverAsync(IBlobStore store, string batchId, CancellationToken cancellationToken)
    {
        var plan = await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(batchId), cancellationToken)
            ?? throw new FileNotFoundException($"The plan of batch '{batchId}' was there but is gone.");
        await using var client = await BrokerClient.ConnectAsync(options.Broker, cancellationToken);
        var chunks = plan.Chunks.ToArray();
        _random.Shuffle(chunks);
        foreach (var chunk in chunks)
            await client.PublishAsync(new RunChunk { BatchId = batchId, Chunk = chunk }, cancellationToken: cancellationToken);
        await client.PublishAsync(new SubmitBatch { BatchId = batchId }, cancellationToken: cancellationToken);
        return chunks.Length + 1;
    }

    private async Task RedeliverAfterCommitAsync(IBlobStore store, string batchId, EventTap tap, CancellationToken cancellationToken)
    {
        observer.Note("Every message is delivered once more after the batch is over.");
        var before = Ends(tap.Received, batchId);
        var copies = await RedeliverAsync(store, batchId, cancellationToken);
        await tap.WaitAsync(events => Ends(events, batchId) >= before + copies, cancellationToken);
    }

    private static int Ends(IReadOnlyList<TappedEvent> events, string batchId) =>
        events.Count(tapped => tapped.BatchId == batchId && tapped.Kind == nameof(BatchCompleted));

    private async Task<BatchDepth> WaitAsync(
        IBlobStore store, string batchId, WorkerCrew crew, Func<BatchDepth, bool> condition, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookInterval);
        while (true)
        {
            crew.Check();
            var depth = await BatchDepth.ReadAsync(store, batchId, cancellationToken);
            observer.Progressed(depth.Rows, depth.Total);
            if (condition(depth)) return depth;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task SubmitAsync(BlobStoreLocation store, string jobs, SubmitOptions submit, CancellationToken cancellationToken)
    {
        await using var client = await BatchClient.OpenAsync(store, options.Broker, cancellationToken);
        await client.SubmitAsync(jobs, submit, cancellationToken);
    }

    private async Task DemandFreeQueuesAsync(CancellationToken cancellationToken)
    {
        await using var client = await BrokerClient.ConnectAsync(options.Broker, cancellationToken);
        var busy = (await client.ListAsync(cancellationToken)).FirstOrDefault(queue => queue is { IsFailure: false } and ({ Messages: > 0 } or { Consumers: > 0 }));
        if (busy.Queue is null) return;
        throw new CommandException(
            ExitCode.Usage,
            $"The queue {busy.Queue} at {options.Broker.Display} is in use ({busy.Messages} messages, {busy.Consumers} consumers), and a drill kills who works there. " +
            "Make a virtual host for it ('rabbitmqctl add_vhost dray-drill', then 'rabbitmqctl set_permissions -p dray-drill USER \".*\" \".*\" \".*\"'), " +
            "and give --broker with /dray-drill at its end.");
    }

    private async Task<string?> FindMessageAsync(CancellationToken cancellationToken)
    {
        await using var client = await BrokerClient.ConnectAsync(options.Broker, cancellationToken);
        var full = (await client.ListAsync(cancellationToken)).FirstOrDefault(queue => queue.Messages > 0);
        return full.Queue is null ? null : string.Create(CultureInfo.InvariantCulture, $"{full.Messages} messages are in {full.Queue}.");
    }

    // A worker that stops hands back what it had taken and not begun: only a look at the queues after it has stopped says that they are done.
    private async Task SettleAsync(WorkerCrew crew, CancellationToken cancellationToken)
    {
        for (var left = MostRounds; ; left--)
        {
            using var timer = new PeriodicTimer(LookInterval);
            while (await HasWorkAsync(cancellationToken)) await timer.WaitForNextTickAsync(cancellationToken);
            await crew.StopAsync(cancellationToken);
            if (left == 0 || !await HasWorkAsync(cancellationToken)) return;
            await crew.StartAsync(cancellationToken);
        }
    }

    private async Task<bool> HasWorkAsync(CancellationToken cancellationToken)
    {
        await using var client = await BrokerClient.ConnectAsync(options.Broker, cancellationToken);
        return (await client.ListAsync(cancellationToken)).Any(queue => queue is { IsFailure: false, Messages: > 0 });
    }

    private static async Task DeleteAsync(IBlobStore store, string batchId)
    {
        var blobs = new List<string>();
        await foreach (var path in store.ListAsync(BatchPaths.Folder(batchId))) blobs.Add(path);
        foreach (var path in blobs) await store.DeleteAsync(path);
    }
}
