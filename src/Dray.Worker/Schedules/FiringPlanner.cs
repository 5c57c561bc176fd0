using System.Security.Cryptography;
using Dray.Inference;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>
/// Finds what a firing is to caption: pictures that are new, changed, or to be tried again. Each is copied into the firing's batch under the
/// hash of its content, so that the plan, which the first worker to end creates, says exactly what was read.
/// </summary>
internal sealed class FiringPlanner(IBlobStore store, WorkerSettings settings)
{
    /// <summary>The most pictures of one batch; a firing with more goes on with another.</summary>
    public const int MaxPictures = 10_000;

    private const int PicturesAtOnce = 4;

    /// <summary>Plans a firing, unless it is planned.</summary>
    public async Task PlanAsync(Schedule schedule, Firing firing, string? ledgerPath, CancellationToken cancellationToken)
    {
        var path = SchedulePaths.Plan(schedule.Name, firing);
        if (await store.ExistsAsync(path, cancellationToken)) return;
        var ledger = await PictureLedger.ReadAsync(store, ledgerPath, firing, cancellationToken);
        await store.TryCreateAsync(path, (target, token) => WriteAsync(schedule, firing, ledger, target, token), cancellationToken);
    }

    private async Task WriteAsync(Schedule schedule, Firing firing, PictureLedger ledger, Stream target, CancellationToken cancellationToken)
    {
        var options = schedule.Options;
        var wanted = schedule.Source.ListAsync(cancellationToken)
            .Where(entry => PictureNames.Match(entry.Path, options.Include))
            .Select(entry => (Entry: entry, Failures: ledger.FailuresOf(entry, options.Retries)))
            .Where(found => found.Failures is not null)
            .Take(MaxPictures);
        var batchId = SchedulePaths.BatchId(schedule.Name, firing);
        await foreach (var group in wanted.Chunk(PicturesAtOnce).WithCancellation(cancellationToken))
        {
            var planned = await Task.WhenAll(group.Select(found =>
                PlanAsync(schedule, batchId, found.Entry, found.Failures!.Value, cancellationToken)));
            foreach (var picture in planned)
            {
                if (picture is not null) await ScheduleJson.WriteLineAsync(target, picture, cancellationToken);
            }
        }
    }

    private async Task<PlannedPicture?> PlanAsync(
        Schedule schedule, string batchId, BlobEntry entry, int failures, CancellationToken cancellationToken)
    {
        var picture = new PlannedPicture { Path = entry.Path, Version = entry.Version, Failures = failures };
        try
        {
            if (await schedule.Source.ReadAsync(entry.Path, settings.MaxImageBytes, cancellationToken) is not { } content) return null;
            var hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
            await UploadAsync(batchId, hash, content, cancellationToken);
            return picture with { Sha256 = hash, Pages = [hash] };
        }
        catch (RequestRejectedException e)
        {
            return picture with { Error = new CaptionError(e.Code, e.Message) };
        }
    }

    private async Task UploadAsync(string batchId, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = BatchPaths.Image(batchId, name);
        if (!await store.ExistsAsync(path, cancellationToken)) await store.TryCreateAsync(path, content, cancellationToken);
    }
}
