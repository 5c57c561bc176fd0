using Dray.Worker.Embedded;

namespace Dray.Cli.Labelling;

/// <summary>The progress of all parts together, from that of the one that runs.</summary>
internal sealed class LabelProgress(IProgress<EmbeddedBatchProgress>? all, long rows) : IProgress<EmbeddedBatchProgress>
{
    private readonly Lock _gate = new();
    private EmbeddedBatchProgress _before;
    private EmbeddedBatchProgress _now;

    /// <summary>Gets how far all is.</summary>
    public EmbeddedBatchProgress Current
    {
        get
        {
            lock (_gate) return Sum();
        }
    }

    public void Report(EmbeddedBatchProgress value)
    {
        lock (_gate) _now = value;
        all?.Report(Current);
    }

    /// <summary>Ends a part that an earlier run had done.</summary>
    public void Skip(int partRows) => End(new EmbeddedBatchProgress(partRows, partRows, 0, partRows, 0, 0, TimeSpan.Zero));

    /// <summary>Ends the part that runs.</summary>
    /// <param name="refused">Its rows that weren't asked about.</param>
    /// <param name="resumed">Its rows that an earlier run had done.</param>
    public void End(int refused, long resumed) => End(_now with { Failed = _now.Failed + refused, Resumed = resumed });

    private void End(EmbeddedBatchProgress part)
    {
        lock (_gate)
        {
            _now = part;
            _before = Sum();
            _now = default;
        }

        all?.Report(Current);
    }

    private EmbeddedBatchProgress Sum() => new(
        rows,
        _before.Completed + _now.Completed,
        _before.Failed + _now.Failed,
        _before.Resumed + _now.Resumed,
        _before.PromptTokens + _now.PromptTokens,
        _before.CompletionTokens + _now.CompletionTokens,
        _before.Elapsed + _now.Elapsed);
}
