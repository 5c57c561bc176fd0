using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Schedules;

/// <summary>
/// Takes a schedule as far as it goes now. Every step can be done again and by several workers: a firing is what the store says, its plan and
/// its batch are created once, and its captions are the same whoever writes them. So it is gone on with wherever a worker died.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="sender">Tells the workers.</param>
/// <param name="messagesLast">Whether a message outlives the process that sent it.</param>
/// <param name="settings">How the worker runs.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class ScheduleRunner(
    IBlobStore store, IMessageSender sender, bool messagesLast, WorkerSettings settings, TimeProvider time, ILogger<ScheduleRunner> logger)
{
    /// <summary>How late a firing is where it counts as missed.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>How long a worker has a firing for itself after each sign of life; then others take it that the worker is dead.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly ScheduleStates _states = new(store);
    private readonly FiringPlanner _planner = new(store, settings, time);
    private readonly FiringBatch _batch = new(store, sender, messagesLast);
    private readonly FiringSettler _settler = new(store);

    /// <summary>Takes a schedule as far as it goes.</summary>
    /// <returns>Whether a firing goes on, whose batch is waited for.</returns>
    /// <exception cref="IOException">The store or the source doesn't answer; the same call again goes on.</exception>
    public async Task<bool> RunAsync(Schedule schedule, CancellationToken cancellationToken)
    {
        var state = await _states.OpenAsync(schedule.Name, time.GetUtcNow(), cancellationToken);
        while (true)
        {
            if (state.Firing is null) state = await FireAsync(schedule, state, cancellationToken);
            if (state.Firing is null) return false;
            state = await HoldAsync(schedule.Name, state, cancellationToken);
            if (state.Firing is not { } firing) continue;
            if (firing.Holder != _id) return true;
            using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var holding = KeepHoldAsync(schedule.Name, held.Token);
            try
            {
                await _planner.PlanAsync(schedule, firing, state.Ledger, cancellationToken);
                var (isOver, manifest) = await _batch.RunAsync(schedule, firing, cancellationToken);
                if (!isOver) return true;
                state = await SettleAsync(schedule, firing, manifest, cancellationToken);
            }
            finally
            {
                await held.CancelAsync();
                await holding;
            }
        }
    }

    // Spares the fleet from reading every picture once a worker. Nothing else depends on it: who holds nothing can do no harm.
    private async Task<ScheduleState> HoldAsync(string schedule, ScheduleState state, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!MayHold(state)) return state;
        return (await _states.ChangeAsync(
            schedule,
            current => MayHold(current) ? current with { Firing = current.Firing! with { Holder = _id, HeldUntil = now + Hold } } : null,
            cancellationToken)).State;

        bool MayHold(ScheduleState current) => current.Firing is { } firing
            && (firing.Holder == _id ? firing.HeldUntil < now + (Hold / 2) : firing.HeldUntil is null || firing.HeldUntil <= now);
    }

    private async Task KeepHoldAsync(string schedule, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Hold / 3, time, cancellationToken);
                await HoldAsync(schedule, await _states.OpenAsync(schedule, time.GetUtcNow(), cancellationToken), cancellationToken);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Then another worker may do the same work: no more than that.
        }
    }

    private async Task<ScheduleState> FireAsync(Schedule schedule, ScheduleState state, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (schedule.Options.Times.Last(state.FiredAt, now) is not { } due) return state;
        var skips = schedule.Options.Missed == MissedFires.Skip && due < now - Tolerance;
        var (next, isChanged) = await _states.ChangeAsync(
            schedule.Name,
            current => current.Firing is not null || current.FiredAt >= due
                ? null
                : current with { FiredAt = due, Firing = skips ? null : Firing.At(due) },
            cancellationToken);
        if (isChanged && skips) logger.LogInformation("The schedule {Schedule} missed {Due}, which is left out.", schedule.Name, due);
        else if (isChanged) logger.LogInformation("The schedule {Schedule} fires for {Due}.", schedule.Name, due);
        return next;
    }

    private async Task<ScheduleState> SettleAsync(
        Schedule schedule, Firing firing, BatchManifest? manifest, CancellationToken cancellationToken)
    {
        // Whoever comes late doesn't write over what a later firing has written.
        var state = await _states.OpenAsync(schedule.Name, time.GetUtcNow(), cancellationToken);
        if (!firing.IsSame(state.Firing)) return state;
        var before = state.Ledger;
        var outcome = await _settler.SettleAsync(schedule, firing, manifest, before, cancellationToken);
        var report = new FiringReport(firing.Id, firing.Due, time.GetUtcNow(), firing.Counts + outcome.Counts);
        var next = outcome.HasMore ? firing with { Part = firing.Part + 1, Counts = report.Counts, Holder = null, HeldUntil = null } : null;
        (state, var isChanged) = await _states.ChangeAsync(
            schedule.Name,
            current => firing.IsSame(current.Firing) ? current with { Firing = next, Ledger = outcome.Ledger, Last = report } : null,
            cancellationToken);
        if (!isChanged) return state;
        if (before is not null && before != outcome.Ledger) await store.DeleteAsync(before, cancellationToken);
        Report(schedule, report, outcome);
        return state;
    }

    // Once for each picture and version: only who ended the firing says it.
    private void Report(Schedule schedule, FiringReport report, FiringOutcome outcome)
    {
        foreach (var failure in outcome.Failures.Where(failure => failure.GivenUp is true))
        {
            logger.LogWarning(
                "The schedule {Schedule} gives up {Picture} until it changes, after {Tries} tries: {Error}",
                schedule.Name, failure.Path, schedule.Options.Retries + 1, failure.Error!.Message);
        }

        var name = new KeyValuePair<string, object?>(DrayTelemetry.Schedule, schedule.Name);
        if (!outcome.HasMore) DrayTelemetry.Firings.Add(1, name);
        Count(outcome.Counts.Captioned, "captioned");
        Count(outcome.Counts.Failed - outcome.Counts.GivenUp, "failed");
        Count(outcome.Counts.GivenUp, "given_up");
        logger.LogInformation(
            "The schedule {Schedule} has ended its firing for {Due}: {Captioned} pictures captioned, {Failed} failed, {GivenUp} of them for good.",
            schedule.Name, report.Due, report.Counts.Captioned, report.Counts.Failed, report.Counts.GivenUp);

        void Count(int pictures, string outcomeName)
        {
            if (pictures > 0) DrayTelemetry.SchedulePictures.Add(pictures, name, new(DrayTelemetry.Outcome, outcomeName));
        }
    }
}
