using System.Globalization;

namespace Dray.Cli.Drill;

/// <summary>Several workers in processes of their own.</summary>
internal sealed class WorkerCrew : IAsyncDisposable
{
    private readonly WorkerProcess[] _workers;
    private readonly WorkerProcessOptions _options;

    /// <summary>Makes a crew; nobody runs yet.</summary>
    public WorkerCrew(int count, WorkerProcessOptions options)
    {
        _options = options;
        _workers = [.. Enumerable.Range(1, count).Select(number => new WorkerProcess(string.Create(CultureInfo.InvariantCulture, $"worker {number}"), options))];
    }

    /// <summary>Gets the workers.</summary>
    public IReadOnlyList<WorkerProcess> Workers => _workers;

    /// <summary>Starts all of them and waits until they take work.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Launch();
        foreach (var worker in _workers) await worker.WaitUntilServingAsync(cancellationToken);
    }

    /// <summary>Starts all of them, with further variables in their environment.</summary>
    public void Launch(IReadOnlyDictionary<string, string>? variables = null)
    {
        foreach (var worker in _workers) Launch(worker, variables);
    }

    /// <summary>Starts one, with further variables in its environment.</summary>
    public void Launch(WorkerProcess worker, IReadOnlyDictionary<string, string>? variables = null)
    {
        worker.Options = variables is null ? _options : _options with { Environment = _options.Environment.Concat(variables).ToDictionary() };
        worker.Launch();
    }

    /// <summary>One that takes work, or where nobody does, one that is just starting.</summary>
    public WorkerProcess Pick(Random random)
    {
        WorkerProcess[] serving = [.. _workers.Where(worker => worker.IsServing)];
        return serving.Length > 0 ? serving[random.Next(serving.Length)] : _workers[random.Next(_workers.Length)];
    }

    /// <summary>Kills all of them at once.</summary>
    public Task KillAsync() => Task.WhenAll(_workers.Select(worker => worker.KillAsync()));

    /// <summary>Asks all of them to stop, and waits until they have.</summary>
    /// <exception cref="InvalidOperationException">One ended otherwise.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var worker in _workers) await worker.WaitUntilServingAsync(cancellationToken);
        var codes = await Task.WhenAll(_workers.Select(worker => worker.StopAsync(cancellationToken)));
        foreach (var (worker, code) in _workers.Zip(codes)) Demand(worker, code == ExitCode.Done);
    }

    /// <summary>Looks whether somebody has ended who wasn't told to.</summary>
    /// <exception cref="InvalidOperationException">Somebody has; the message has the last lines.</exception>
    public void Check()
    {
        foreach (var worker in _workers) Demand(worker, worker.IsRunning);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        foreach (var worker in _workers) await worker.DisposeAsync();
    }

    private static void Demand(WorkerProcess worker, bool isWell)
    {
        if (!isWell) throw new InvalidOperationException($"The {worker.Name} ended by itself:\n{string.Join('\n', worker.LastLines.TakeLast(30))}");
    }
}
