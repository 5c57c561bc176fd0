using System.Globalization;
using Dray.Contracts;
using Dray.Inference;

namespace Dray.Worker.Http.Batches;

/// <summary>The time that a batch has, in OpenAI's words: <c>24h</c>.</summary>
internal static class CompletionWindow
{
    private const int MostDigits = 6;
    private const string Standard = "24h";

    /// <summary>Reads one: a whole number of minutes, hours or days.</summary>
    /// <exception cref="RequestRejectedException">It is none.</exception>
    public static TimeSpan Parse(string text)
    {
        if (text.Length is > 1 and <= MostDigits + 1 && int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            switch (text[^1])
            {
                case 'm': return TimeSpan.FromMinutes(count);
                case 'h': return TimeSpan.FromHours(count);
                case 'd': return TimeSpan.FromDays(count);
            }
        }

        throw new RequestRejectedException(
            ErrorCodes.InvalidRequest, "The completion_window isn't a number of minutes, hours or days; write 24h, or 90m, or 7d.", "completion_window");
    }

    /// <summary>The time of a batch in words; what OpenAI has where it may take as long as it wants.</summary>
    public static string Of(Batch batch) => (batch.ExpiresAt - batch.CreatedAt) switch
    {
        > 0 and var seconds when seconds % 3600 == 0 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}h"),
        > 0 and var seconds when seconds % 60 == 0 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m"),
        > 0 and var seconds => string.Create(CultureInfo.InvariantCulture, $"{seconds}s"),
        _ => Standard,
    };
}
