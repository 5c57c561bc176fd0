using Quartz;

namespace Dray.Worker.Schedules;

/// <summary>
/// The fire times of a cron expression in a time zone. Where clocks are put forward, a time that is left out fires when they are; where
/// they are put back, a time that comes twice fires once, the first time.
/// </summary>
public sealed class FireTimes
{
    private const int UnixFields = 5;
    private static readonly TimeSpan[] Windows =
        [TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(40), TimeSpan.FromDays(400)];

    private readonly CronExpression _cron;

    private FireTimes(CronExpression cron) => _cron = cron;

    /// <summary>Gets the expression as it was written.</summary>
    public required string Cron { get; init; }

    /// <summary>Gets the time zone.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Reads an expression.</summary>
    /// <param name="cron">
    /// Quartz's six or seven fields, seconds first, or the five of a crontab, minutes first.
    /// </param>
    /// <param name="zone">The time zone.</param>
    /// <exception cref="FormatException">It is neither; the message says what is wrong with it.</exception>
    public static FireTimes Parse(string cron, TimeZoneInfo zone)
    {
        var fields = cron.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        var expression = CronExpression.Parse(cron, fields == UnixFields ? CronFormat.Unix : CronFormat.Quartz).WithTimeZone(zone);
        return new FireTimes(expression) { Cron = cron, Zone = zone };
    }

    /// <summary>The first fire time after <paramref name="time"/>, or null where there is none any more.</summary>
    public DateTimeOffset? Next(DateTimeOffset time) => _cron.GetNextValidTimeAfter(time);

    /// <summary>The last fire time after <paramref name="from"/> and not after <paramref name="to"/>, or null where there is none.</summary>
    public DateTimeOffset? Last(DateTimeOffset from, DateTimeOffset to)
    {
        if (Next(from) is not { } first || first > to) return null;

        // A schedule may have slept for months: the end is looked at first, so that not every second of them is walked through.
        var last = Windows.Select(window => to - window).Where(start => start > first).Select(Next).FirstOrDefault(time => time <= to) ?? first;
        while (Next(last) is { } next && next <= to) last = next;
        return last;
    }
}
