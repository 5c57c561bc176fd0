using Dray.Contracts;
using Dray.Worker.Ledger;

namespace Dray.Worker.Execution;

/// <summary>
/// Tells the rows of one running chunk when their batch is to stop: cancelled here, cancelled through another worker, or out of time.
/// </summary>
internal sealed class BatchStop : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);
    private readonly CancellationTokenSource _source = new();
    private readonly string _batchId;
    private readonly BatchLedger _ledger;
    private readonly TimeProvider _time;
    private readonly Action<BatchStop> _onDispose;
    private readonly ITimer? _expiry;
    private long _lookedAt;
    private int _reason;

    /// <summary>Watches a batch whose state was just read.</summary>
    public BatchStop(BatchState state, BatchLedger ledger, TimeProvider time, Action<BatchStop> onDispose)
    {
        (_batchId, _ledger, _time, _onDispose) = (state.Batch.Id, ledger, time, onDispose);
        _lookedAt = time.GetTimestamp();
        if (state.Batch.CancellingAt is not null) Raise(StopReason.Cancelled);
        if (state.Batch.ExpiresAt is not { } expiry) return;
        var left = DateTimeOffset.FromUnixTimeSeconds(expiry) - time.GetUtcNow();
        if (left <= TimeSpan.Zero) Raise(StopReason.Expired);
        else if (left < LongestTimer) _expiry = time.CreateTimer(_ => Raise(StopReason.Expired), null, left, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets a token that is cancelled when the batch is to stop.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Gets why the batch is to stop, or null while it isn't.</summary>
    public StopReason? Reason => _reason == 0 ? null : (StopReason)_reason;

    /// <summary>Stops the batch; the first reason holds.</summary>
    public void Raise(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, 0) != 0) return;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The chunk ended meanwhile: there is nothing left to stop.
        }
    }

    /// <summary>Looks, now and then, whether the batch was cancelled through another worker.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var last = Interlocked.Read(ref _lookedAt);
        if (Reason is not null || _time.GetElapsedTime(last) < LookInterval) return;
        if (Interlocked.CompareExchange(ref _lookedAt, _time.GetTimestamp(), last) != last) return;
        if (await _ledger.ReadAsync(_batchId, cancellationToken) is { Batch.CancellingAt: not null }) Raise(StopReason.Cancelled);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _onDispose(this);
        _expiry?.Dispose();
        _source.Dispose();
    }
}
