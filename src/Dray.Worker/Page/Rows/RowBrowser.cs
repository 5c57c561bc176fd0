using Dray.Contracts;

namespace Dray.Worker.Page.Rows;

/// <summary>Finds the rows of a batch that somebody wants to see, a page at a time, whether it runs or is over.</summary>
internal sealed class RowBrowser(RowIndexes indexes, RowLines lines, TimeProvider time)
{
    private const int MostGroups = 20;
    private const long MostSearchedBytes = 256L * 1024 * 1024;
    private static readonly RowPage Nothing = new() { Rows = [], Total = 0 };
    private static readonly TimeSpan LongestSearch = TimeSpan.FromSeconds(3);

    /// <summary>A page of rows.</summary>
    /// <param name="state">The batch.</param>
    /// <param name="filter">Which of its rows.</param>
    /// <param name="page">Which page, from 1; one past the end is the last.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<RowPage> ListAsync(BatchState state, RowFilter filter, int page, CancellationToken cancellationToken)
    {
        if (await indexes.FindAsync(state, cancellationToken) is not { } index) return Nothing;
        if (filter.Outcome is { } outcome) await index.LoadAsync(state, outcome, cancellationToken);
        var total = filter.Outcome is null ? index.Rows : Matching(index, filter).LongCount();
        var pages = (int)Math.Max(1, (total + RowPage.Size - 1) / RowPage.Size);
        page = Math.Clamp(page, 1, pages);
        var first = (page - 1) * RowPage.Size;
        var rows = filter.Outcome is null
            ? Numbers(first, Math.Min(first + RowPage.Size, index.Rows)).ToList()
            : Matching(index, filter).Skip(first).Take(RowPage.Size).ToList();
        return new RowPage { Rows = await ViewAsync(state, index, rows, cancellationToken), Number = page, Total = total };
    }

    /// <summary>Rows with a text in them; a search that takes long stops, and can go on where it stopped.</summary>
    /// <param name="state">The batch.</param>
    /// <param name="filter">The text, and which rows.</param>
    /// <param name="from">The number of the row to begin at, from 1.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<RowPage> SearchAsync(BatchState state, RowFilter filter, long from, CancellationToken cancellationToken)
    {
        if (await indexes.FindAsync(state, cancellationToken) is not { } index) return Nothing;
        if (filter.Outcome is { } outcome) await index.LoadAsync(state, outcome, cancellationToken);
        var (found, started, bytes) = (new List<RowView>(), time.GetTimestamp(), 0L);
        for (var row = Math.Max(0, from - 1); row < index.Rows;)
        {
            var chunk = index.ChunkOf(row);
            var end = chunk.FirstRow + chunk.Chunk.Rows;
            var wanted = Numbers(row, end).Where(number => filter.Takes(index.AnswerOf(number))).ToList();
            foreach (var view in await ViewAsync(state, index, wanted, cancellationToken))
            {
                if (!RowViews.Has(view, filter.Text)) continue;
                found.Add(view);
                if (found.Count == RowPage.Size) return new RowPage { Rows = found, Next = view.Number < index.Rows ? view.Number + 1 : null };
            }

            row = end;
            bytes += wanted.Count > 0 ? chunk.Chunk.Length : 0;
            if (row < index.Rows && (bytes > MostSearchedBytes || time.GetElapsedTime(started) > LongestSearch))
                return new RowPage { Rows = found, Next = row + 1 };
        }

        return new RowPage { Rows = found };
    }

    /// <summary>A row with everything in it, or null where there is none of this number (from 1).</summary>
    public async Task<RowView?> ReadAsync(BatchState state, long number, CancellationToken cancellationToken)
    {
        if (await indexes.FindAsync(state, cancellationToken) is not { } index || number < 1 || number > index.Rows) return null;
        return (await ViewAsync(state, index, [number - 1], cancellationToken, isWhole: true)).Single();
    }

    /// <summary>The URL of one of a row's pictures, or null where there is none.</summary>
    public async Task<string?> PictureAsync(BatchState state, long number, int picture, CancellationToken cancellationToken)
    {
        if (await indexes.FindAsync(state, cancellationToken) is not { } index || number < 1 || number > index.Rows) return null;
        var found = await lines.InputAsync(index, index.ChunkOf(number - 1), [number - 1], cancellationToken);
        return found.TryGetValue(number - 1, out var line) ? RowPrompt.Picture(line, picture) : null;
    }

    /// <summary>How rows failed, most often first.</summary>
    public async Task<IReadOnlyList<ErrorGroup>> ErrorsAsync(BatchState state, CancellationToken cancellationToken)
    {
        if (await indexes.FindAsync(state, cancellationToken) is not { } index) return [];
        await index.LoadAsync(state, RowOutcome.Failed, cancellationToken);
        var groups = Matching(index, new RowFilter(RowOutcome.Failed, null, ""))
            .GroupBy(row => index.AnswerOf(row).Code!)
            .Select(group => (Code: group.Key, Rows: group.LongCount(), First: group.First()))
            .OrderByDescending(group => group.Rows).ThenBy(group => group.Code, StringComparer.Ordinal).Take(MostGroups).ToList();
        var examples = (await ViewAsync(state, index, [.. groups.Select(group => group.First).Order()], cancellationToken))
            .ToDictionary(view => view.Number, view => view.ErrorMessage ?? "");
        return [.. groups.Select(group => new ErrorGroup(group.Code, group.Rows, examples[group.First + 1], group.First + 1))];
    }

    private static IEnumerable<long> Matching(RowIndex index, RowFilter filter) =>
        Numbers(0, index.Rows).Where(row => filter.Takes(index.AnswerOf(row)));

    private static IEnumerable<long> Numbers(long from, long end)
    {
        for (var number = from; number < end; number++) yield return number;
    }

    private async Task<List<RowView>> ViewAsync(
        BatchState state, RowIndex index, List<long> rows, CancellationToken cancellationToken, bool isWhole = false)
    {
        await index.LoadAsync(state, rows, cancellationToken);
        Dictionary<long, BatchOutputRow> answers;
        try
        {
            answers = await lines.AnswersAsync(index, rows, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            await index.LoadAsync(state, rows, cancellationToken);
            answers = await lines.AnswersAsync(index, rows, cancellationToken);
        }

        var views = new List<RowView>(rows.Count);
        foreach (var group in rows.GroupBy(index.ChunkOf))
        {
            var inChunk = group.ToList();
            var input = await lines.InputAsync(index, group.Key, inChunk, cancellationToken);
            views.AddRange(inChunk.Select(row => RowViews.Of(
                index, row, input.GetValueOrDefault(row), answers.GetValueOrDefault(index.Answering(row)), isWhole)));
        }

        return views;
    }
}
