using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class RepeatClockTests
{
    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 4)]
    public void Seconds_PatienceLeft_RunsEveryRepeat(bool warmsUp, int expected)
    {
        var calls = 0;

        new RepeatClock(4, TimeSpan.FromHours(1)).Seconds(() => calls++, warmsUp, TestContext.Current.CancellationToken).ShouldBeGreaterThanOrEqualTo(0);

        calls.ShouldBe(expected);
    }

    [Fact]
    public void Seconds_NoPatience_MeasuresOnce()
    {
        var calls = 0;

        new RepeatClock(4, TimeSpan.Zero).Seconds(() => calls++, warmsUp: false, TestContext.Current.CancellationToken);

        calls.ShouldBe(1);
    }

    [Fact]
    public void Seconds_Cancelled_StopsBeforeTheNextTime()
    {
        var calls = 0;
        using var source = new CancellationTokenSource();

        Should.Throw<OperationCanceledException>(() => new RepeatClock(4, TimeSpan.FromHours(1)).Seconds(
            () =>
            {
                if (++calls == 2) source.Cancel();
            },
            warmsUp: true,
            source.Token));

        calls.ShouldBe(2);
    }
}
