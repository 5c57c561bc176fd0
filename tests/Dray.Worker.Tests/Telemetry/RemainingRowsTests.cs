using Dray.Worker.Execution;
using Dray.Worker.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Telemetry;

public sealed class RemainingRowsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RemainingRows _rows;

    public RemainingRowsTests() => _rows = new RemainingRows(_time);

    [Fact]
    public void Count_RowsSeenHereAndInTheLedger_TakesWhicheverIsFurther()
    {
        _rows.Planned("a", 100);
        _rows.Progressed(Progress("a", 0, 10));
        _rows.Progressed(Progress("a", 1, 5));
        _rows.Progressed(Progress("a", 1, 6));
        _rows.Count().ShouldBe(84);

        _rows.Report("a", 100, 40);
        _rows.Count().ShouldBe(60);
        _rows.Report("a", 100, 30);
        _rows.Count().ShouldBe(60);
    }

    [Fact]
    public void Count_SeveralBatches_AddsThemUpUntilTheyEnd()
    {
        _rows.Planned("a", 10);
        _rows.Report("b", 7, 2);
        _rows.Count().ShouldBe(15);

        _rows.Forget("a");

        _rows.Count().ShouldBe(5);
    }

    [Fact]
    public void Count_NoNewsForAnHour_ForgetsTheBatch()
    {
        _rows.Planned("a", 10);
        _time.Advance(TimeSpan.FromMinutes(50));
        _rows.Planned("b", 3);
        _time.Advance(TimeSpan.FromMinutes(11));

        _rows.Count().ShouldBe(3);
    }

    private static ChunkProgress Progress(string batch, int chunk, int done) =>
        new(batch, chunk, ChunkTally.Empty with { Completed = done }, ChunkTally.Empty);
}
