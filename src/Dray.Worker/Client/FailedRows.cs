using Dray.Contracts;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Finds the rows of a batch that have no answer, and copies them from its input.</summary>
internal sealed class FailedRows(IBlobStore store)
{
    private static readonly int MaxLineBytes = new WorkerOptions().MaxLineBytes;

    /// <summary>The names of the rows in the error file: those that failed, and those that never ran.</summary>
    public async Task<(HashSet<string> Failed, HashSet<string> Unfinished)> ReadAsync(
        BatchManifest manifest, CancellationToken cancellationToken)
    {
        var failed = new HashSet<string>(StringComparer.Ordinal);
        var unfinished = new HashSet<string>(StringComparer.Ordinal);
        await using var errors = await store.OpenReadAsync(manifest.Errors.Path, cancellationToken: cancellationToken);
        await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(errors, cancellationToken: cancellationToken))
        {
            var row = BlobJson.Read<BatchOutputRow>(line.Bytes.Span, manifest.Errors.Path);
            var isUnfinished = row.Error?.Code is ErrorCodes.BatchCancelled or ErrorCodes.BatchExpired;
            (isUnfinished ? unfinished : failed).Add(row.CustomId);
        }

        return (failed, unfinished);
    }

    /// <summary>Writes the input's rows whose names are in <paramref name="names"/> to <paramref name="file"/>, as they are.</summary>
    public async Task CopyAsync(BatchManifest manifest, IReadOnlySet<string> names, string file, CancellationToken cancellationToken)
    {
        var plan = await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(manifest.Batch.Id), cancellationToken)
            ?? throw new FileNotFoundException($"The plan of batch '{manifest.Batch.Id}' is gone.");

        // Renamed rows go by their place: what name their line has, if any, is another row's.
        var renamed = plan.RenamedRows.ToDictionary(row => row.Row, row => row.CustomId);
        await using var input = await store.OpenReadAsync(manifest.Input.Path, cancellationToken: cancellationToken);
        await using var target = File.Create(file);
        long row = 0;
        await foreach (var line in new BatchInputReader(MaxLineBytes).ReadAsync(input, cancellationToken: cancellationToken))
        {
            var name = renamed.GetValueOrDefault(row++) ?? CustomIdReader.TryRead(line.Bytes.Span);
            if (name is null || line.IsTooLong || !names.Contains(name)) continue;
            await target.WriteAsync(line.Bytes, cancellationToken);
            await target.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }
}
