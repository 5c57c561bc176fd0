using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Page.Rows;

/// <summary>
/// How the rows of one batch ended and where their answers stand: read chunk by chunk once somebody asks, kept, and added to while the
/// batch runs.
/// </summary>
internal sealed class RowIndex(IBlobStore store, Batch batch, BatchPlan plan)
{
    private readonly ChunkIndex[] _chunks = [.. plan.Chunks.Select(chunk => new ChunkIndex(store, batch.Id, chunk))];
    private readonly Dictionary<long, RepeatedRow> _repeated = plan.RepeatedRows.ToDictionary(row => row.Row);
    private readonly Dictionary<long, string> _renamed = plan.RenamedRows.ToDictionary(row => row.Row, row => row.CustomId);
    private readonly Lock _gate = new();
    private Task _loading = Task.CompletedTask;

    /// <summary>Gets the batch as it was submitted.</summary>
    public string BatchId => batch.Id;

    /// <summary>Gets when it was created: one of the same id that was created later is another.</summary>
    public long CreatedAt => batch.CreatedAt;

    /// <summary>Gets the blob of its input.</summary>
    public string Input => plan.Input.Path;

    /// <summary>Gets how many rows it has.</summary>
    public long Rows => plan.Rows;

    /// <summary>Gets its chunks.</summary>
    public IReadOnlyList<ChunkIndex> Chunks => _chunks;

    /// <summary>The chunk of a row.</summary>
    public ChunkIndex ChunkOf(long row)
    {
        int low = 0, high = _chunks.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_chunks[middle].FirstRow <= row) low = middle;
            else high = middle - 1;
        }

        return _chunks[low];
    }

    /// <summary>The row whose answer a row has: an earlier one, where it asks the same.</summary>
    public long Answering(long row) => _repeated.TryGetValue(row, out var repeated) ? repeated.OfRow : row;

    /// <summary>The name that a row has been given, or null where it has its own.</summary>
    public string? NameOf(long row) => _repeated.TryGetValue(row, out var repeated) ? repeated.CustomId : _renamed.GetValueOrDefault(row);

    /// <summary>How a row ended, as far as is loaded.</summary>
    public RowAnswer AnswerOf(long row)
    {
        row = Answering(row);
        var chunk = ChunkOf(row);
        return chunk.Answers.Rows[(int)(row - chunk.FirstRow)];
    }

    /// <summary>Loads what is known of some rows.</summary>
    public Task LoadAsync(BatchState state, IEnumerable<long> rows, CancellationToken cancellationToken) =>
        LoadAsync(state, rows.Select(row => ChunkOf(Answering(row))).Distinct(), cancellationToken);

    /// <summary>Loads what is needed to say which rows ended so; the counts of the ledger spare reading most of it.</summary>
    public Task LoadAsync(BatchState state, RowOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome != RowOutcome.Failed) return LoadAsync(state, _chunks, cancellationToken);
        var done = state.Chunks.Where(chunk => chunk.Failed > 0).Select(chunk => chunk.Index);
        var running = state.Running.Where(chunk => chunk.Failed > 0).Select(chunk => chunk.Index);
        var failed = done.Concat(running).ToHashSet();
        return LoadAsync(state, _chunks.Where(chunk => failed.Contains(chunk.Chunk.Index)), cancellationToken);
    }

    // One after another, so that nothing is read twice.
    private Task LoadAsync(BatchState state, IEnumerable<ChunkIndex> chunks, CancellationToken cancellationToken)
    {
        lock (_gate) return _loading = LoadAfterAsync(_loading, state, chunks, cancellationToken);
    }

    private static async Task LoadAfterAsync(Task before, BatchState state, IEnumerable<ChunkIndex> chunks, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        var done = state.Chunks.Select(chunk => chunk.Index).ToHashSet();
        var running = state.Running.Select(chunk => chunk.Index).ToHashSet();
        foreach (var chunk in chunks)
        {
            var index = chunk.Chunk.Index;
            if (done.Contains(index) || running.Contains(index)) await chunk.LoadAsync(done.Contains(index), cancellationToken);
        }
    }
}
