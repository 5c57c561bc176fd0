using System.Diagnostics;

namespace Dray.Worker.Tests.Support;

/// <summary>Waits for what can only be looked at.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks until it is so.</summary>
    public static Task TrueAsync(Func<Task<bool>> isSo, CancellationToken cancellationToken) => EqualAsync(isSo, true, cancellationToken);

    /// <summary>Looks until it is <paramref name="expected"/>.</summary>
    public static async Task EqualAsync<T>(Func<Task<T>> look, T expected, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var found = await look();
            if (Equals(found, expected)) return;
            if (Stopwatch.GetElapsedTime(start) > Patience) found.ShouldBe(expected);
            await Task.Delay(Pause, cancellationToken);
        }
    }
}
