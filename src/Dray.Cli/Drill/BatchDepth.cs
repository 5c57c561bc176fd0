using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Cli.Drill;

/// <summary>How much of a batch is in the store for good, rows of chunks that still run included.</summary>
/// <param name="Rows">Rows that are done.</param>
/// <param name="Total">All rows, or 0 before the input is cut.</param>
/// <param name="ChunksLeft">Chunks that aren't done, or null before the input is cut.</param>
/// <param name="IsOver">Whether it has a manifest.</param>
internal readonly record struct BatchDepth(long Rows, long Total, int? ChunksLeft, bool IsOver)
{
    /// <summary>Looks.</summary>
    public static async Task<BatchDepth> ReadAsync(IBlobStore store, string batchId, CancellationToken cancellationToken)
    {
        if (await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(batchId), cancellationToken) is not { } plan) return default;
        if (await store.ExistsAsync(BatchPaths.Manifest(batchId), cancellationToken)) return new(plan.Rows, plan.Rows, 0, true);
        var there = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in new[] { "chunks/", "parts/" })
        {
            await foreach (var path in store.ListAsync(BatchPaths.Folder(batchId) + folder, cancellationToken)) there.Add(path);
        }

        var (rows, left) = (0L, 0);
        foreach (var chunk in plan.Chunks)
        {
            if (there.Contains(BatchPaths.Chunk(batchId, chunk.Index)))
            {
                rows += chunk.Rows;
                continue;
            }

            left++;
            var part = BatchPaths.Part(batchId, chunk.Index);
            if (there.Contains(part)) rows += await CountLinesAsync(store, part, cancellationToken);
        }

        return new(rows, plan.Rows, left, false);
    }

    private static async Task<long> CountLinesAsync(IBlobStore store, string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
            using var reader = new StreamReader(stream);
            var lines = 0L;
            while (await reader.ReadLineAsync(cancellationToken) is { } line) lines += line.Length > 0 ? 1 : 0;
            return lines;
        }
        catch (FileNotFoundException)
        {
            // Its chunk is done meanwhile; the next look counts it.
            return 0;
        }
    }
}
