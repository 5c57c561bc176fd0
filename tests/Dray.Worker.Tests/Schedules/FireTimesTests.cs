using Dray.Worker.Schedules;

namespace Dray.Worker.Tests.Schedules;

public sealed class FireTimesTests
{
    [Theory]
    [InlineData("0 30 2 * * ?", "2026-03-28T12:00Z", "2026-03-29T01:00Z 2026-03-30T00:30Z")] // 02:30 is left out on the 29th.
    [InlineData("0 30 2 * * ?", "2026-10-24T12:00Z", "2026-10-25T00:30Z 2026-10-26T01:30Z")] // 02:30 comes twice on the 25th.
    [InlineData("30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T00:30Z 2026-10-26T01:30Z")]
    [InlineData("0 0 12 ? * MON-FRI", "2026-10-23T12:00Z", "2026-10-26T11:00Z 2026-10-27T11:00Z")]
    [InlineData("0 12 * * 1-5", "2026-10-23T12:00Z", "2026-10-26T11:00Z 2026-10-27T11:00Z")]
    public void Next_ClocksOfBerlin_FiresOnceADay(string cron, string after, string expected)
    {
        var times = FireTimes.Parse(cron, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        var first = times.Next(At(after));
        var second = times.Next(first!.Value);

        (first, second).ShouldBe((At(expected.Split(' ')[0]), At(expected.Split(' ')[1])));
    }

    [Fact]
    public void Next_TimeThatNeverComes_IsNone() => FireTimes.Parse("0 0 0 30 2 ?", TimeZoneInfo.Utc).Next(At("2026-01-01T00:00Z")).ShouldBeNull();

    [Theory]
    [InlineData("0 0 2 * * ?", "2026-01-01T00:00Z", "2026-01-01T01:59Z", null)]
    [InlineData("0 0 2 * * ?", "2026-01-01T00:00Z", "2026-01-01T02:00Z", "2026-01-01T02:00Z")]
    [InlineData("0 0 2 * * ?", "2026-01-01T02:00Z", "2026-01-02T01:00Z", null)]
    [InlineData("0 0 2 * * ?", "2026-01-01T00:00Z", "2026-09-09T09:09Z", "2026-09-09T02:00Z")]
    [InlineData("0 0 0 1 1 ?", "2020-06-01T00:00Z", "2026-09-09T09:09Z", "2026-01-01T00:00Z")]
    [InlineData("* * * * * ?", "2020-06-01T00:00Z", "2026-09-09T09:09Z", "2026-09-09T09:09Z")]
    public void Last_LongOrShortSleep_FindsTheLatestFireTime(string cron, string from, string to, string? expected) =>
        FireTimes.Parse(cron, TimeZoneInfo.Utc).Last(At(from), At(to)).ShouldBe(expected is null ? null : At(expected));

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("0 61 * * * ?")]
    [InlineData("0 0 2 * *  ? 2026 7")]
    public void Parse_NoCron_IsRefused(string cron) => Should.Throw<FormatException>(() => FireTimes.Parse(cron, TimeZoneInfo.Utc));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
