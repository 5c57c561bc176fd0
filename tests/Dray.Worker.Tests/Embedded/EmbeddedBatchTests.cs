using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Embedded;

public sealed class EmbeddedBatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_RowsOfSeveralChunks_WritesAnswersInInputOrder()
    {
        using var fixture = new EmbeddedFixture();

        var summary = await fixture.RunAsync(JobLines.Lines(30), cancellationToken: Token);

        var rows = fixture.Rows("output.jsonl");
        rows.Select(row => row.CustomId).ShouldBe(Enumerable.Range(0, 30).Select(i => $"row-{i}"));
        rows.Select(row => row.Content()).ShouldBe(Enumerable.Range(0, 30).Select(i => $"prompt {i}|"));
        fixture.Rows("errors.jsonl").ShouldBeEmpty();
        summary.Counts.ShouldBe(new() { Total = 30, Completed = 30, Failed = 0 });
        summary.Usage.ShouldBe(new() { InputTokens = 150, OutputTokens = 60, TotalTokens = 210 });
        summary.RowsResumed.ShouldBe(0);
        fixture.Engine.IsDisposed.ShouldBeTrue();
    }
}
