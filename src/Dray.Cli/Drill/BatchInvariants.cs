using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Execution;
using Dray.Worker.Storage;

namespace Dray.Cli.Drill;

/// <summary>Checks what holds of every batch that is over, whatever happened while it ran.</summary>
internal sealed class BatchInvariants
{
    /// <summary>The codes of rows that a batch which was stopped has left undone.</summary>
    private static readonly string[] Stops = [ErrorCodes.BatchCancelled, ErrorCodes.BatchExpired];

    private readonly BatchFiles _files;
    private readonly Batch _batch;

    private BatchInvariants(BatchFiles files) => (_files, _batch) = (files, files.Manifest.Batch);

    /// <summary>Checks a batch.</summary>
    /// <param name="store">The store that has it.</param>
    /// <param name="batchId">The batch.</param>
    /// <param name="events">The events that came while it ran, in order of arrival, or null where nobody listened.</param>
    /// <param name="undisturbed">The store of a run of the same batch that nothing happened to, or null where there was none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<IReadOnlyList<Invariant>> CheckAsync(
        IBlobStore store, string batchId, IReadOnlyList<TappedEvent>? events, IBlobStore? undisturbed, CancellationToken cancellationToken)
    {
        if (await BatchFiles.TryReadAsync(store, batchId, cancellationToken) is not { } files)
            return [new Invariant("the batch is over", $"The batch '{batchId}' has no manifest.")];
        var check = new BatchInvariants(files);
        var found = new List<Invariant>
        {
            new("every row once", check.FindRowNotOnce()),
            new("output in input order", FindDisorder(check.PlacesOf(files.Output)) ?? FindDisorder(check.PlacesOf(files.Errors))),
            new("counts add up", check.FindWrongCount()),
            new("state and manifest agree", check.FindOtherState()),
            new("hashes are right", check.FindWrongHash()),
            new("usage is the rows' sum", check.FindWrongUsage()),
        };
        if (events is not null)
        {
            TappedEvent[] own = [.. events.Where(tapped => tapped.BatchId == batchId)];
            found.Add(new("one completion event", check.FindWrongEnd(own)));
            found.Add(new("progress only grows", check.FindWrongProgress(own)));
        }

        if (undisturbed is not null)
        {
            var other = await BatchFiles.TryReadAsync(undisturbed, batchId, cancellationToken);
            found.Add(new("answers of an undisturbed run", FindDifference(files, other)));
        }

        return found;
    }

    private string? FindRowNotOnce()
    {
        var times = _files.Output.Concat(_files.Errors).CountBy(row => row.Id).ToDictionary(StringComparer.Ordinal);
        for (var row = 0; row < _files.Input.Count; row++)
        {
            if (times.Remove(IdOf(row), out var found) && found == 1) continue;
            return Say($"Row {row + 1} of {_files.Input.Count} is there {found} times.");
        }

        return times.Count == 0 ? null : Say($"{times.Count} rows are no rows of the input, such as '{times.Keys.First()}'.");
    }

    private List<(int Place, string CustomId)> PlacesOf(IReadOnlyList<BatchOutputRow> rows)
    {
        var places = Enumerable.Range(0, _files.Input.Count).ToDictionary(IdOf, StringComparer.Ordinal);
        return [.. rows.Select(row => (places.GetValueOrDefault(row.Id, -1), row.CustomId))];
    }

    private static string? FindDisorder(List<(int Place, string CustomId)> rows)
    {
        for (var row = 1; row < rows.Count; row++)
        {
            if (rows[row].Place <= rows[row - 1].Place)
                return Say($"'{rows[row].CustomId}', row {rows[row].Place + 1} of the input, follows row {rows[row - 1].Place + 1}.");
        }

        return null;
    }

    private string? FindWrongCount()
    {
        var counts = _batch.RequestCounts;
        var stopped = Stops.Sum(code => _files.Errors.Count(row => row.Error?.Code == code));
        var failed = _files.Errors.Count - stopped;
        if (_files.Output.Count + failed + stopped == _files.Input.Count
            && (counts.Completed, counts.Failed, counts.Total) == (_files.Output.Count, failed + stopped, _files.Input.Count))
        {
            return null;
        }

        return Say(
            $"The files hold {_files.Output.Count} completed, {failed} failed and {stopped} stopped rows of {_files.Input.Count}; the manifest says {counts.Completed} completed and {counts.Failed} failed of {counts.Total}.");
    }

    private string? FindOtherState()
    {
        var (state, manifest) = (Text(_files.Snapshot.Batch), Text(_batch));
        return state == manifest ? null : $"The state says {state}, the manifest {manifest}.";
    }

    private string? FindWrongHash()
    {
        var (manifest, id) = (_files.Manifest, _batch.Id);
        foreach (var blob in new[] { manifest.Input, manifest.Output, manifest.Errors })
        {
            if (_files.HashOf(blob.Path) != blob.Sha256) return $"'{blob.Path}' isn't what the manifest's hash is of.";
            if (_files.LengthOf(blob.Path) != blob.Bytes) return Say($"'{blob.Path}' has {_files.LengthOf(blob.Path)} bytes, not {blob.Bytes}.");
        }

        var wrong = manifest.Chunks.FirstOrDefault(chunk => _files.HashOf(BatchPaths.Chunk(id, chunk.Index)) != chunk.Sha256);
        return wrong is null ? null : Say($"Chunk {wrong.Index} isn't what the manifest's hash is of.");
    }

    private string? FindWrongUsage()
    {
        var sum = _files.Output.Aggregate(ChunkTally.Empty, (tally, row) => tally.Plus(row, 1)).Usage;
        return sum == _batch.Usage ? null : $"The rows sum up to {sum}, the batch says {_batch.Usage}.";
    }

    private string? FindWrongEnd(TappedEvent[] events)
    {
        var kind = _batch.Status switch
        {
            BatchStatus.Cancelled => nameof(BatchCancelled),
            BatchStatus.Expired => nameof(BatchExpired),
            _ => nameof(BatchCompleted),
        };
        var ends = events.Where(tapped => tapped.Kind is nameof(BatchCompleted) or nameof(BatchCancelled) or nameof(BatchExpired) or nameof(BatchFailed)).ToArray();
        if (ends.Length == 0) return $"There was no {kind}.";
        if (ends.FirstOrDefault(tapped => tapped.Kind != kind) is { } other) return $"There was a {other.Kind} of a batch that is {_batch.Status}.";
        var id = EventIds.Derive(kind, _batch.Id, Convert.ToHexStringLower(SHA256.HashData(_files.ManifestBytes))).ToString();
        if (ends.FirstOrDefault(tapped => tapped.MessageId != id || tapped.Body.GetProperty("event_id").GetString() != id) is { } strange)
            return $"A {kind} has the id '{strange.MessageId}', not '{id}'.";
        return ends.All(tapped => JsonElement.DeepEquals(tapped.Body, ends[0].Body)) ? null : $"Two {kind} events of one id differ.";
    }

    // Workers publish side by side, so that one event may overtake another: put in order, each has at least what the last had.
    private string? FindWrongProgress(TappedEvent[] events)
    {
        var last = new BatchRequestCounts { Total = _batch.RequestCounts.Total };
        var usage = new BatchUsage();
        foreach (var progress in events.Where(tapped => tapped.Kind == nameof(BatchProgress))
            .Select(tapped => tapped.Body.Deserialize<BatchProgress>(ContractsJson.Options)!)
            .OrderBy(progress => progress.RequestCounts.Completed + progress.RequestCounts.Failed))
        {
            var counts = progress.RequestCounts;
            if (counts.Total != last.Total || counts.Completed < last.Completed || counts.Failed < last.Failed
                || progress.Usage.InputTokens < usage.InputTokens || progress.Usage.OutputTokens < usage.OutputTokens)
            {
                return $"Progress went from {last} with {usage} to {counts} with {progress.Usage}.";
            }

            (last, usage) = (counts, progress.Usage);
        }

        var all = _batch.RequestCounts;
        return last.Completed <= all.Completed && last.Failed <= all.Failed ? null : $"Progress was at {last}, but the batch ended with {all}.";
    }

    private static string? FindDifference(BatchFiles files, BatchFiles? undisturbed)
    {
        if (undisturbed is null) return "The undisturbed run has no manifest.";
        var (text, other) = (files.ComparableText(), undisturbed.ComparableText());
        if (text == other) return null;
        var place = text.AsSpan().CommonPrefixLength(other);
        return Say($"Line {text.AsSpan(0, place).Count('\n') + 1} differs: '{Around(text, place)}' instead of '{Around(other, place)}'.");
    }

    private static string Around(string text, int place) => text[Math.Max(0, place - 80)..Math.Min(text.Length, place + 80)];

    private static string Text(Batch batch) => JsonSerializer.Serialize(batch, ContractsJson.Options);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private string IdOf(int row) => RequestIdentity.OfRow(_batch.Id, row, _batch.CreatedAt).RowId;
}
