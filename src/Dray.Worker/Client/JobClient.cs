using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Worker.Client;

/// <summary>
/// Has single requests answered by the workers of a broker: publishes a job, and waits until its answer is in the store. Thread-safe.
/// Broker and store are connected to once they are needed, and again after they were gone.
/// </summary>
public sealed class JobClient : IAsyncDisposable
{
    /// <summary>The largest message that a broker takes by default, less some room for what goes around it.</summary>
    private const int MaxMessageBytes = (16 << 20) - (64 << 10);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private readonly Func<CancellationToken, Task<IBlobStore>> _open;
    private readonly Func<CancellationToken, Task<IMessageSender>> _connect;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1);
    private IBlobStore? _store;
    private IMessageSender? _sender;

    /// <summary>Initializes a client of the workers that share a broker and a store.</summary>
    public JobClient(BlobStoreLocation store, BrokerOptions broker, TimeProvider? time = null)
        : this(store.OpenAsync, async token => new BrokerSender(await BrokerClient.ConnectAsync(broker, token)), time ?? TimeProvider.System) =>
        Broker = new Uri(broker.Display);

    internal JobClient(Func<CancellationToken, Task<IBlobStore>> open, Func<CancellationToken, Task<IMessageSender>> connect, TimeProvider time) =>
        (_open, _connect, _time) = (open, connect, time);

    /// <summary>Gets the broker's address, without user and password.</summary>
    public Uri? Broker { get; }

    /// <summary>
    /// Has a request answered. A job whose answer is there already isn't published again, so the call can be repeated, here or elsewhere, and
    /// costs nothing twice. Cancelling stops the wait, not the job.
    /// </summary>
    /// <returns>The answer, or why there is none.</returns>
    /// <exception cref="BatchClientException">The job is too large for a message, or broker or store are out of reach.</exception>
    public Task<BatchOutputRow> RunAsync(RunJob job, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!BatchPaths.IsId(job.JobId))
            throw Refuse($"'{job.JobId}' can't be a job's id; use 1 to {BatchPaths.MaxIdLength} of A-Z a-z 0-9 _ -.");
        var bytes = JsonSerializer.SerializeToUtf8Bytes(job, ContractsJson.Options).Length;
        if (bytes > MaxMessageBytes)
            throw Refuse($"The job '{job.JobId}' has {bytes} bytes, more than the {MaxMessageBytes} that fit into a message; send smaller pictures, or submit a batch, whose pictures go through the store.");
        return ServiceFaults.ExplainAsync(() => AskAsync(job, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (_store is IDisposable store) store.Dispose();
        _gate.Dispose();
    }

    private static BatchClientException Refuse(string message) => new(BatchClientProblem.InputRefused, message);

    private async Task<BatchOutputRow> AskAsync(RunJob job, CancellationToken cancellationToken)
    {
        var store = await StoreAsync(cancellationToken);
        var path = BatchPaths.Job(job.JobId);
        if (await store.TryReadJsonAsync<BatchOutputRow>(path, cancellationToken) is { } known) return known;
        await PublishAsync(job, cancellationToken);
        for (var wait = ShortestWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            if (await store.TryReadJsonAsync<BatchOutputRow>(path, cancellationToken) is { } row) return row;
            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    private async Task<IBlobStore> StoreAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _store ??= await _open(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task PublishAsync(RunJob job, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_sender is not null && await TrySendAsync(_sender, job, cancellationToken)) return;
            await CloseAsync();
            _sender = await _connect(cancellationToken);
            await _sender.SendAsync(job, job.Priority, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    // A connection that was idle may be gone, which shows only now. A job that arrives twice is one job all the same.
    private static async Task<bool> TrySendAsync(IMessageSender sender, RunJob job, CancellationToken cancellationToken)
    {
        try
        {
            await sender.SendAsync(job, job.Priority, cancellationToken);
            return true;
        }
        catch (BrokerException)
        {
            return false;
        }
    }

    private async Task CloseAsync()
    {
        if (_sender is IAsyncDisposable sender) await sender.DisposeAsync();
        _sender = null;
    }
}
