using System.Collections.Concurrent;
using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>The batch of a firing: its input is created once, and submitting it again is the same batch.</summary>
/// <param name="store">The store.</param>
/// <param name="sender">Tells the workers.</param>
/// <param name="messagesLast">Whether a message outlives the process that sent it; otherwise each process begins by sending it again.</param>
internal sealed class FiringBatch(IBlobStore store, IMessageSender sender, bool messagesLast)
{
    private readonly ConcurrentDictionary<string, bool> _sent = new();

    /// <summary>Sees that the batch of a firing is on its way.</summary>
    /// <returns>Whether it is over, with its manifest unless it had no rows or was refused.</returns>
    public async Task<(bool IsOver, BatchManifest? Manifest)> RunAsync(Schedule schedule, Firing firing, CancellationToken cancellationToken)
    {
        var batchId = SchedulePaths.BatchId(schedule.Name, firing);
        if (await store.TryReadJsonAsync<BatchManifest>(BatchPaths.Manifest(batchId), cancellationToken) is { } manifest) return (true, manifest);
        var state = await store.TryReadJsonAsync<BatchState>(BatchPaths.State(batchId), cancellationToken);
        if (state?.Batch.Status == BatchStatus.Failed) return (true, null);
        if (state is not null && (messagesLast || _sent.ContainsKey(batchId))) return (false, null);
        if (!await store.ReadLinesAsync<PlannedPicture>(SchedulePaths.Plan(schedule.Name, firing), cancellationToken)
            .AnyAsync(picture => picture.Pages.Any(page => page.Image is not null), cancellationToken)) return (true, null);
        await SubmitAsync(schedule, firing, cancellationToken);
        _sent[batchId] = true;
        return (false, null);
    }

    private async Task SubmitAsync(Schedule schedule, Firing firing, CancellationToken cancellationToken)
    {
        var batchId = SchedulePaths.BatchId(schedule.Name, firing);
        var input = BatchPaths.Input(batchId);
        if (!await store.ExistsAsync(input, cancellationToken))
            await store.TryCreateAsync(input, (target, token) => WriteAsync(schedule, firing, target, token), cancellationToken);
        var message = new SubmitBatch
        {
            BatchId = batchId,
            Priority = schedule.Options.Priority,
            Metadata = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["firing"] = firing.Id, ["schedule"] = schedule.Name },
        };
        await sender.SendAsync(message, message.Priority, cancellationToken);
    }

    private async Task WriteAsync(Schedule schedule, Firing firing, Stream target, CancellationToken cancellationToken)
    {
        await foreach (var picture in store.ReadLinesAsync<PlannedPicture>(SchedulePaths.Plan(schedule.Name, firing), cancellationToken))
        {
            for (var page = 1; page <= picture.Pages.Count; page++)
            {
                if (picture.Pages[page - 1].Image is null) continue;
                await target.WriteAsync(CaptionRows.Write(schedule.Options, picture, page), cancellationToken);
            }
        }
    }
}
