using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Support;

/// <summary>A clock on which whoever waits is done at once, while limits of time run out only if waiting used them up.</summary>
internal sealed class DelaySkippingClock(params TimeSpan[] limits) : FakeTimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && !limits.Contains(dueTime)) Advance(dueTime);
        return timer;
    }
}
