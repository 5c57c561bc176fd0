using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Schedules;

/// <summary>Runs the schedules of a worker: each by itself, at its fire times, and every few seconds while a batch is waited for.</summary>
internal sealed class ScheduleService(
    IReadOnlyList<Schedule> schedules, ScheduleRunner runner, TimeProvider time, ILogger<ScheduleService> logger) : BackgroundService
{
    /// <summary>How often a schedule is looked at: what others did, such as <c>dray schedules run</c>, is seen by then.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(schedules.Select(schedule => RunAsync(schedule, stoppingToken)));

    private async Task RunAsync(Schedule schedule, CancellationToken stopping)
    {
        string? trouble = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await runner.RunAsync(schedule, stopping);
                if (trouble is not null) logger.LogInformation("The schedule {Schedule} goes on.", schedule.Name);
                trouble = null;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or OperationCanceledException)
            {
                // Said once, however long it lasts.
                if (trouble != e.Message) logger.LogWarning("The schedule {Schedule} waits: {Problem}", schedule.Name, e.Message);
                trouble = e.Message;
            }

            var now = time.GetUtcNow();
            var wait = schedule.Options.Times.Next(now) is { } next && next - now < Interval ? next - now : Interval;
            await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
