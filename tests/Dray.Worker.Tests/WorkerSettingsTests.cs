using System.ComponentModel.DataAnnotations;

namespace Dray.Worker.Tests;

public sealed class WorkerSettingsTests
{
    [Theory]
    [InlineData(20, 9, 30)]
    [InlineData(1, 14, 30)]
    [InlineData(26, 2, 30)]
    public void Within_DeliveryThatCouldTakeTooLong_IsRefusedWithBothValues(int chunkMinutes, int rowMinutes, int consumerMinutes)
    {
        var settings = WorkerSettings.From(new WorkerOptions { ChunkTime = TimeSpan.FromMinutes(chunkMinutes), RowTimeout = TimeSpan.FromMinutes(rowMinutes) });

        var refused = Should.Throw<ValidationException>(() => settings.Within(TimeSpan.FromMinutes(consumerMinutes)));

        refused.Message.ShouldContain($"chunk_time {TimeSpan.FromMinutes(chunkMinutes)}");
        refused.Message.ShouldContain($"row_timeout {TimeSpan.FromMinutes(rowMinutes)}");
        refused.Message.ShouldContain($"{TimeSpan.FromMinutes(consumerMinutes)}");
    }

    [Fact]
    public void Within_NoRowTimeout_GivesRowsAThirdOfWhatTheBrokerWaits()
    {
        var settings = WorkerSettings.From(new WorkerOptions()).Within(TimeSpan.FromMinutes(30));

        settings.RowTimeout.ShouldBe(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Within_JustEnough_IsTaken() =>
        WorkerSettings.From(new WorkerOptions { ChunkTime = TimeSpan.FromMinutes(18), RowTimeout = TimeSpan.FromMinutes(9) })
            .Within(TimeSpan.FromMinutes(30)).RowTimeout.ShouldBe(TimeSpan.FromMinutes(9));
}
