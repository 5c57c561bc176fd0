using Dray.Contracts;
using Dray.Worker.Ledger;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Execution;

/// <summary>
/// One running chunk's view of its batch. Every few seconds it tells the ledger how far the chunk is, and learns whether the batch is to
/// stop: cancelled here, cancelled or paused through another worker, out of time, out of tokens.
/// </summary>
internal sealed class BatchStop : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _suspended = new();
    private readonly string _batchId;
    private readonly int _chunk;
    private readonly BatchLedger _ledger;
    private readonly ILogger _logger;
    private readonly Action<BatchStop> _onDispose;
    private readonly ITimer? _expiry;
    private readonly ITimer _look;
    private ChunkTally _done = ChunkTally.Empty;
    private long _tokensLeft = long.MaxValue;
    private int _looking;
    private int _reason;

    /// <summary>Watches a batch, whose state was just read, for one of its chunks.</summary>
    public BatchStop(
        BatchState state, int chunk, DateTimeOffset now, BatchLedger ledger, TimeProvider time, ILogger logger, Action<BatchStop> onDispose)
    {
        (_batchId, _chunk, _ledger, _logger, _onDispose) = (state.Batch.Id, chunk, ledger, logger, onDispose);
        _look = time.CreateTimer(_ => _ = LookAsync(), null, LookInterval, LookInterval);
        Apply(state);
        if (state.Batch.ExpiresAt is not { } expiry) return;

        // A worker's own clock may be wrong, or jump, and would take rows from a batch that has time left: only how long is measured here.
        var left = DateTimeOffset.FromUnixTimeSeconds(expiry) - now;
        if (left <= TimeSpan.Zero) Raise(StopReason.Expired);
        else if (left < LongestTimer) _expiry = time.CreateTimer(_ => Raise(StopReason.Expired), null, left, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets a token that is cancelled when the rows that aren't done are to end with an error.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Gets a token that is cancelled when the rows that haven't begun are to wait.</summary>
    public CancellationToken Suspended => _suspended.Token;

    /// <summary>Gets why the batch is to stop, or null while it isn't.</summary>
    public StopReason? Reason => _reason == 0 ? null : (StopReason)_reason;

    /// <summary>Stops the batch; the first reason holds.</summary>
    public void Raise(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, 0) != 0) return;
        try
        {
            (reason is StopReason.Paused or StopReason.OutOfTokens ? _suspended : _ended).Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The chunk ended meanwhile: there is nothing left to stop.
        }
    }

    /// <summary>Takes note that more rows of the chunk are done.</summary>
    public void Advance(ChunkTally done)
    {
        Volatile.Write(ref _done, done);
        if (done.Usage.TotalTokens >= Interlocked.Read(ref _tokensLeft)) Raise(StopReason.OutOfTokens);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _onDispose(this);
        _look.Dispose();
        _expiry?.Dispose();
        _ended.Dispose();
        _suspended.Dispose();
    }

    private async Task LookAsync()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0) return;
        try
        {
            var done = Volatile.Read(ref _done);
            Apply(await _ledger.ReportAsync(_batchId, done.Of(_chunk), CancellationToken.None));
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            _logger.LogWarning(e, "How far chunk {Chunk} of batch {BatchId} is can't be reported now: {Reason}", _chunk, _batchId, e.Message);
        }
        finally
        {
            Interlocked.Exchange(ref _looking, 0);
        }
    }

    private void Apply(BatchState state)
    {
        if (state.Batch.CancellingAt is not null) Raise(StopReason.Cancelled);
        else if (state.Batch.Status == BatchStatus.Paused) Raise(StopReason.Paused);
        else if (state.Batch.Status == BatchStatus.Incomplete) Raise(StopReason.OutOfTokens);
        if (state.MaxTokensTotal is not { } most) return;
        var others = state.Batch.Usage.TotalTokens + state.Running.Where(chunk => chunk.Index != _chunk).Sum(chunk => chunk.Usage.TotalTokens);
        Interlocked.Exchange(ref _tokensLeft, most - others);
        Advance(Volatile.Read(ref _done));
    }
}
