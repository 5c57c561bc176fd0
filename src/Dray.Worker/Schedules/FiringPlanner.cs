using System.Security.Cryptography;
using Dray.Inference;
using Dray.Inference.Vision;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>
/// Finds what a firing is to caption: pictures that are new, changed, or to be tried again. Each is copied into the firing's batch under the
/// hash of its content, so that the plan, which the first worker to end creates, says exactly what was read.
/// </summary>
internal sealed class FiringPlanner(IBlobStore store, WorkerSettings settings, TimeProvider time)
{
    /// <summary>How many rows end a batch; a firing with more goes on with another. The documents of the last few pictures may exceed it.</summary>
    public const int EnoughRows = 10_000;

    private const int PicturesAtOnce = 4;

    private readonly TiffPages _tiffPages = new(settings, time);

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
            .Where(found => found.Failures is not null);
        var rows = 0;
        var batchId = SchedulePaths.BatchId(schedule.Name, firing);
        await foreach (var group in wanted.Chunk(PicturesAtOnce).WithCancellation(cancellationToken))
        {
            var planned = await Task.WhenAll(group.Select(found =>
                PlanAsync(schedule, batchId, found.Entry, found.Failures!.Value, cancellationToken)));
            foreach (var picture in planned)
            {
                if (picture is null) continue;
                await ScheduleJson.WriteLineAsync(target, picture, cancellationToken);
                rows += picture.Weight;
            }

            if (rows >= EnoughRows) return;
        }
    }

    private async Task<PlannedPicture?> PlanAsync(
        Schedule schedule, string batchId, BlobEntry entry, int failures, CancellationToken cancellationToken)
    {
        var picture = new PlannedPicture { Path = entry.Path, Version = entry.Version, Failures = failures };
        try
        {
            if (await schedule.Source.ReadAsync(entry.Path, settings.MaxImageBytes, cancellationToken) is not { } content) return null;
            Task<string> UploadPageAsync(ReadOnlyMemory<byte> page) => UploadAsync(batchId, page, cancellationToken);
            return picture with
            {
                Sha256 = NameOf(content),
                Pages = TiffDocument.IsTiff(content.Span)
                    ? await _tiffPages.RenderAsync(content, UploadPageAsync, cancellationToken)
                    : [new PlannedPage(await UploadPageAsync(content))],
            };
        }
        catch (RequestRejectedException e)
        {
            return picture with { Error = new CaptionError(e.Code, e.Message) };
        }
    }

    private static string NameOf(ReadOnlyMemory<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content.Span));

    private async Task<string> UploadAsync(string batchId, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var name = NameOf(content);
        var path = BatchPaths.Image(batchId, name);
        if (!await store.ExistsAsync(path, cancellationToken)) await store.TryCreateAsync(path, content, cancellationToken);
        return name;
    }
}
