using System.Text;
using Dray.Worker.Embedded;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Embedded;

/// <summary>The process dies at every single write of the store, before it, halfway through, or right after it; the next run completes the batch.</summary>
public sealed class EmbeddedBatchCrashTests
{
    private static readonly string Input = JobLines.Lines(5) + JobLines.Line("bad", "fail") + "\nnot json\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_KilledAtAnyWrite_NextRunGivesTheSameBytes()
    {
        var (expectedOutput, expectedErrors, writes) = await UninterruptedAsync();
        writes.ShouldBeGreaterThan(15);
        for (var write = 1; write <= writes; write++)
        {
            foreach (var afterwards in new[] { false, true })
            {
                using var fixture = new EmbeddedFixture();
                OneWriteForEachRow(fixture.Worker);
                StoreFault? fault = null;
                fixture.WrapStore = store => fault = new StoreFault(store, write, afterwards);
                await KilledAsync(fixture, () => fault!);
                var kept = KeptRows(fixture.Output);
                var asked = fixture.Engine.Calls.ToDictionary();

                fixture.WrapStore = null;
                await fixture.RunAsync(Input, cancellationToken: Token);

                var at = $"write {write}, {(afterwards ? "after" : "before")}";
                (await File.ReadAllTextAsync(Path.Combine(fixture.Output, "output.jsonl"), Token)).ShouldBe(expectedOutput, at);
                (await File.ReadAllTextAsync(Path.Combine(fixture.Output, "errors.jsonl"), Token)).ShouldBe(expectedErrors, at);
                foreach (var prompt in kept) fixture.Engine.Calls[prompt].ShouldBe(asked[prompt], $"{at}: {prompt} was done before");
            }
        }
    }

    [Fact]
    public async Task RunAsync_ProcessKilled_NextRunDoesOnlyWhatIsMissing()
    {
        using var fixture = new EmbeddedFixture();
        var input = JobLines.Lines(6) + JobLines.Line("slow", "wait") + "\n" + JobLines.Line("last", "end");

        await KilledChild.RunAsync(fixture.Folder.Write("jobs.jsonl", input), fixture.Output, Token);
        File.Exists(fixture.Folder["out/output.jsonl"]).ShouldBeFalse();
        var summary = await fixture.RunAsync(input, cancellationToken: Token);

        summary.RowsResumed.ShouldBe(6);
        fixture.Engine.Calls.Keys.Order(StringComparer.Ordinal).ShouldBe(["end", "wait"]);
        fixture.Rows("output.jsonl").Select(row => row.CustomId).ShouldBe(["row-0", "row-1", "row-2", "row-3", "row-4", "row-5", "slow", "last"]);
    }

    [Fact]
    public async Task RunAsync_RowThatKillsItsProcess_OnlyThatRowFailsInTheEnd()
    {
        using var fixture = new EmbeddedFixture();
        var input = JobLines.Lines(3) + JobLines.Line("deadly", "die") + "\n" + JobLines.Line("last", "end");

        var deaths = await KilledChild.RunUntilDoneAsync(fixture.Folder.Write("jobs.jsonl", input), fixture.Output, mostDeaths: 5, Token);

        deaths.ShouldBe(5, "twice in company, three times alone");
        fixture.Rows("output.jsonl").Select(row => row.CustomId).ShouldBe(["row-0", "row-1", "row-2", "last"]);
        fixture.Rows("errors.jsonl").Select(row => (row.CustomId, row.Error().Code)).ShouldBe([("deadly", Contracts.ErrorCodes.EngineFailure)]);
    }

    // Rows that finish together would be written together: how many writes there are would be open.
    private static void OneWriteForEachRow(WorkerOptions options) => (options.ChunkRows, options.ConcurrentChunks, options.MaxRowsInFlight) = (3, 1, 1);

    private static async Task KilledAsync(EmbeddedFixture fixture, Func<StoreFault> fault)
    {
        try
        {
            await fixture.RunAsync(Input, cancellationToken: Token);
        }
        catch (EmbeddedBatchException e)
        {
            e.Problem.ShouldBe(EmbeddedBatchProblem.StoreFailed);
        }

        fault().IsDead.ShouldBeTrue();
    }

    // Prompts whose answers are whole lines in what the dead run left.
    private static string[] KeptRows(string output)
    {
        var files = Directory.EnumerateFiles(output, "*.jsonl", SearchOption.AllDirectories).Where(file => file.Contains("chunks") || file.Contains("parts"));
        var lines = files.SelectMany(file => File.ReadAllText(file, Encoding.UTF8).Split('\n')).Where(line => line.EndsWith('}')).ToArray();
        return [.. Enumerable.Range(0, 5).Select(i => $"prompt {i}").Where(prompt => lines.Any(line => line.Contains($"\"{prompt}|\"") && line.EndsWith("\"error\":null}")))];
    }

    private static async Task<(string Output, string Errors, int Writes)> UninterruptedAsync()
    {
        using var fixture = new EmbeddedFixture();
        OneWriteForEachRow(fixture.Worker);
        StoreFault? counter = null;
        fixture.WrapStore = store => counter = new StoreFault(store, int.MaxValue, afterwards: false);
        var summary = await fixture.RunAsync(Input, cancellationToken: Token);
        return (await File.ReadAllTextAsync(summary.OutputFile, Token), await File.ReadAllTextAsync(summary.ErrorsFile, Token), counter!.Writes);
    }
}
