using System.Runtime.CompilerServices;
using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>Writes the captions of a firing whose batch has ended, and its ledger. All of it can be done again, by several workers at once.</summary>
internal sealed class FiringSettler(IBlobStore store)
{
    private const int SidecarsAtOnce = 8;

    /// <summary>Writes captions and ledger.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="firing">The firing.</param>
    /// <param name="manifest">The batch's manifest, or null where it had no rows or was refused.</param>
    /// <param name="ledgerBefore">The path of the ledger that held until now, or null.</param>
    /// <param name="cancellationToken">Stops; calling again goes on.</param>
    /// <returns>The outcome.</returns>
    public async Task<FiringOutcome> SettleAsync(
        Schedule schedule, Firing firing, BatchManifest? manifest, string? ledgerBefore, CancellationToken cancellationToken)
    {
        if (!await store.ReadLinesAsync<PlannedPicture>(SchedulePaths.Plan(schedule.Name, firing), cancellationToken).AnyAsync(cancellationToken))
            return new FiringOutcome(default, [], ledgerBefore, HasMore: false);
        var entries = new Dictionary<string, LedgerEntry>(StringComparer.Ordinal);
        var failures = new List<PictureCaption>();
        var counts = new FiringCounts();
        var planned = 0;
        await schedule.Target.PutAsync(
            FileOf(schedule, firing),
            async (target, token) =>
            {
                entries.Clear();
                failures.Clear();
                (counts, planned) = (default, 0);
                await foreach (var group in ReadAsync(schedule, firing, manifest, token).Chunk(SidecarsAtOnce).WithCancellation(token))
                {
                    planned += group.Sum(found => found.Picture.Weight);
                    var done = group.Where(found => found.Caption is not null).ToArray();
                    foreach (var (picture, caption) in done)
                    {
                        await ScheduleJson.WriteLineAsync(target, caption!, token);
                        var failed = caption!.Error is not null;
                        entries[picture.Path] = new LedgerEntry(picture.Path, picture.Version, failed ? picture.Failures + 1 : 0, firing.Id);
                        counts += CountsOf(caption);
                        if (failed) failures.Add(caption);
                    }

                    if (schedule.Options.Sidecars) await Task.WhenAll(done.Select(found => WriteSidecarAsync(schedule, found.Caption!, token)));
                }
            },
            cancellationToken);
        var ledger = ledgerBefore;
        if (entries.Count > 0)
        {
            ledger = SchedulePaths.Ledger(schedule.Name, firing);
            await PictureLedger.WriteAsync(store, ledgerBefore, ledger, entries, cancellationToken);
        }

        return new FiringOutcome(counts, failures, ledger, HasMore: planned >= FiringPlanner.EnoughRows && entries.Count > 0);
    }

    private static FiringCounts CountsOf(PictureCaption caption) => new()
    {
        Captioned = caption.Error is null ? 1 : 0,
        Failed = caption.Error is null ? 0 : 1,
        GivenUp = caption.GivenUp is true ? 1 : 0,
    };

    private static string FileOf(Schedule schedule, Firing firing) =>
        $"{schedule.TargetPrefix}{schedule.Name}-{firing.Id}{(firing.Part == 1 ? "" : $"-{firing.Part}")}.jsonl";

    private static Task WriteSidecarAsync(Schedule schedule, PictureCaption caption, CancellationToken cancellationToken) =>
        schedule.Target.PutAsync(
            $"{schedule.TargetPrefix}{caption.Path}.json", (target, token) => ScheduleJson.WriteLineAsync(target, caption, token), cancellationToken);

    private async IAsyncEnumerable<(PlannedPicture Picture, PictureCaption? Caption)> ReadAsync(
        Schedule schedule, Firing firing, BatchManifest? manifest,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var rows = await CaptionReader.OpenAsync(store, manifest, cancellationToken);
        await foreach (var picture in store.ReadLinesAsync<PlannedPicture>(SchedulePaths.Plan(schedule.Name, firing), cancellationToken))
            yield return (picture, Complete(await TakeAsync(schedule.Options, picture, rows), schedule, firing, picture));
    }

    private static async Task<PictureCaption?> TakeAsync(ScheduleOptions options, PlannedPicture picture, CaptionReader rows)
    {
        if (picture.Error is { } error) return new PictureCaption { Path = picture.Path, Error = error };
        var pages = new List<PictureCaption>();
        var neverRan = false;
        for (var page = 1; page <= picture.Pages.Count; page++)
        {
            var caption = picture.Pages[page - 1].Error is { } bad
                ? new PictureCaption { Path = picture.Path, Error = bad }
                : await rows.TakeAsync(CaptionRows.CustomId(picture, page), options.Schema is not null);
            if (caption is null) neverRan = true;
            else pages.Add(caption with { Path = picture.Path, Page = page });
        }

        if (neverRan) return null;
        return pages.Count == 1
            ? pages[0] with { Page = null }
            : new PictureCaption { Path = picture.Path, Pages = pages, Model = pages.Find(page => page.Model is not null)?.Model, Error = pages.Find(page => page.Error is not null)?.Error };
    }

    private static PictureCaption? Complete(PictureCaption? caption, Schedule schedule, Firing firing, PlannedPicture picture) => caption is null
        ? null
        : caption with
        {
            ETag = picture.Version,
            Sha256 = picture.Sha256,
            Schedule = schedule.Name,
            FiredAt = firing.Due,
            BatchId = SchedulePaths.BatchId(schedule.Name, firing),
            GivenUp = caption.Error is not null && picture.Failures >= schedule.Options.Retries ? true : null,
        };
}
