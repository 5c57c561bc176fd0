namespace Dray.Worker.Http;

/// <summary>
/// The bytes that the JSON bodies of all requests may have together, each until its answer has ended: the number of requests and the length of
/// one don't keep their product small.
/// </summary>
internal sealed class BodyBudget(HttpApiOptions options)
{
    // The largest request fits a server that has no other.
    private readonly long _total = Math.Max(options.MaxRequestBytesTotal, options.MaxRequestBytes);
    private long _taken;

    /// <summary>Gets the bytes that are taken now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes bytes, unless there aren't so many left.</summary>
    public bool TryTake(long bytes)
    {
        while (true)
        {
            var taken = Taken;
            if (bytes > _total - taken) return false;
            if (Interlocked.CompareExchange(ref _taken, taken + bytes, taken) == taken) return true;
        }
    }

    /// <summary>Gives bytes back that were taken.</summary>
    public void GiveBack(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
