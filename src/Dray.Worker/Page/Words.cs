using System.Globalization;
using Dray.Contracts;

namespace Dray.Worker.Page;

/// <summary>Numbers, times and statuses as people read them.</summary>
public static class Words
{
    /// <summary>A number with its thousands apart; a large one is shortened.</summary>
    public static string Count(double value) => value switch
    {
        >= 10_000_000 => (value / 1_000_000).ToString("0.0", CultureInfo.InvariantCulture) + "M",
        > 0 and < 10 when value != Math.Floor(value) => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("N0", CultureInfo.InvariantCulture),
    };

    /// <summary>A count and its noun, as in "1 row" and "2 rows".</summary>
    public static string Count(long value, string noun) => $"{Count(value)} {noun}{(value == 1 ? "" : "s")}";

    /// <summary>A length of time in its two largest units.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => "under 1 s",
        { TotalMinutes: < 1 } => $"{(int)time.TotalSeconds} s",
        { TotalHours: < 1 } => $"{time.Minutes} min" + (time.Minutes < 10 ? $" {time.Seconds} s" : ""),
        { TotalDays: < 1 } => $"{time.Hours} h {time.Minutes} min",
        _ => $"{(int)time.TotalDays} d {time.Hours} h",
    };

    /// <summary>How long ago something was.</summary>
    public static string Age(long unixSeconds, DateTimeOffset now)
    {
        var age = now - DateTimeOffset.FromUnixTimeSeconds(unixSeconds);
        return age < TimeSpan.FromSeconds(5) ? "just now" : $"{Duration(age)} ago";
    }

    /// <summary>A moment, to the second, in UTC.</summary>
    public static string Moment(long unixSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds(unixSeconds).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A moment for machines.</summary>
    public static string Iso(long unixSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds(unixSeconds).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>The words for a batch's status.</summary>
    public static string Status(BatchStatus status) => status switch
    {
        BatchStatus.InProgress => "running",
        BatchStatus.Incomplete => "out of tokens",
        _ => status.ToString().ToLowerInvariant(),
    };

    /// <summary>The beginning of a text, where it is long.</summary>
    public static string Shorten(string text, int characters)
    {
        text = text.Trim();
        if (text.Length <= characters) return text;
        var end = char.IsHighSurrogate(text[characters - 1]) ? characters - 1 : characters;
        return text[..end].TrimEnd() + "…";
    }
}
