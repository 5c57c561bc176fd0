using System.Text;
using Dray.Contracts;
using Dray.Worker.Page.Rows;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Page;

public sealed class RowBrowserTests : IDisposable
{
    private const int Rows = 50_000;
    private readonly TemporaryFolder _folder = new();
    private readonly MeteredStore _store;
    private readonly RowBrowser _browser;

    public RowBrowserTests()
    {
        _store = new MeteredStore(new FileSystemBlobStore(_folder["store"]));
        _browser = new RowBrowser(new RowIndexes(_store), new RowLines(_store, WorkerSettings.From(new WorkerOptions())), TimeProvider.System);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ListAsync_FiftyThousandRows_ReadsOnlyTheChunksThatAreShown()
    {
        await PageBatch.WriteAsync(_store, "big", Rows, Token);
        var state = await StateAsync("big");

        var first = await _browser.ListAsync(state, RowFilter.All, 1, Token);
        first.Rows.Select(row => row.CustomId).ShouldBe(Enumerable.Range(0, RowPage.Size).Select(row => $"row-{row}"));
        first.Rows[7].Answers.ShouldBe(["answer 7"]);
        first.Rows[7].Question.ShouldBe("prompt 7");
        var last = await _browser.ListAsync(state, RowFilter.All, int.MaxValue, Token);
        (last.Number, last.Pages, last.Rows[^1].CustomId).ShouldBe((1000, 1000, $"row-{Rows - 1}"));
        _store.ReadBytes.ShouldBeLessThan(2 * 1024 * 1024);
    }

    [Fact]
    public async Task ListAsync_FilterByCode_FindsRowsOfAllChunksAndCountsThem()
    {
        await PageBatch.WriteAsync(_store, "big", Rows, Token);
        var state = await StateAsync("big");

        var failed = await _browser.ListAsync(state, RowFilter.Of(null, ErrorCodes.RowTimeout, null), 1, Token);

        failed.Total.ShouldBe(Rows / 1000);
        failed.Rows.Select(row => row.Number).ShouldBe(Enumerable.Range(1, RowPage.Size).Select(row => row * 1000L));
        (await _browser.ErrorsAsync(state, Token)).ShouldBe([new ErrorGroup(ErrorCodes.RowTimeout, 50, "Row 999 took too long.", 1000)]);

        // A quarter of the chunks has a failed row; the others aren't looked at.
        _store.ReadBytes.ShouldBeLessThan(BytesOf(_folder.Path) / 2);
        (await _browser.ListAsync(state, RowFilter.Of("succeeded", null, null), 2, Token)).Total.ShouldBe(Rows - 50);
    }

    [Fact]
    public async Task SearchAsync_TextInAnswers_FindsRowsInOrderAndGoesOnWhereItStopped()
    {
        await PageBatch.WriteAsync(_store, "small", 2000, Token);
        var state = await StateAsync("small");

        var found = await _browser.SearchAsync(state, RowFilter.Of(null, null, "ANSWER 19"), 1, Token);
        found.Rows.Select(row => row.Number).Take(3).ShouldBe([20, 191, 192]);
        found.Rows.Count.ShouldBe(RowPage.Size);
        var numbers = found.Rows.Select(row => row.Number).ToList();
        for (var next = found.Next; next is { } from; next = found.Next)
        {
            found = await _browser.SearchAsync(state, RowFilter.Of(null, null, "ANSWER 19"), from, Token);
            numbers.AddRange(found.Rows.Select(row => row.Number));
        }

        numbers.ShouldBe(new long[] { 20 }.Concat(Numbers(191, 10)).Concat(Numbers(1901, 99)));
        (await _browser.SearchAsync(state, RowFilter.Of("failed", null, "row"), 1, Token)).Rows.Select(row => row.Number).ShouldBe([1000, 2000]);
    }

    [Fact]
    public async Task ListAsync_BatchThatRuns_TakesOverWhatIsAppendedAndThenTheWholeChunk()
    {
        await PageBatch.WriteAsync(_store, "run", 4, Token);
        var over = await StateAsync("run");
        var lines = (await File.ReadAllTextAsync(_folder["store", BatchPaths.Chunk("run", 0)], Token)).Split('\n');
        var part = BatchPaths.Part("run", 0);
        var state = over with { Chunks = [], Running = [new RunningChunk { Index = 0, Completed = 1, Failed = 0, Usage = new BatchUsage() }] };
        await _store.AppendAsync(part, Encoding.UTF8.GetBytes(lines[2] + "\n" + lines[0][..20]), Token);
        (await OutcomesAsync(state)).ShouldBe([RowOutcome.Unfinished, RowOutcome.Unfinished, RowOutcome.Succeeded, RowOutcome.Unfinished]);

        await _store.AppendAsync(part, Encoding.UTF8.GetBytes("\n" + lines[1] + "\n"), Token);
        (await OutcomesAsync(state)).ShouldBe([RowOutcome.Unfinished, RowOutcome.Succeeded, RowOutcome.Succeeded, RowOutcome.Unfinished]);

        await _store.DeleteAsync(part, Token);
        (await OutcomesAsync(state)).ShouldBe(Enumerable.Repeat(RowOutcome.Succeeded, 4));
        (await OutcomesAsync(over)).ShouldBe(Enumerable.Repeat(RowOutcome.Succeeded, 4));
    }

    private static IEnumerable<long> Numbers(int first, int count) => Enumerable.Range(first, count).Select(number => (long)number);

    private static long BytesOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private async Task<BatchState> StateAsync(string id) => (await _store.TryReadJsonAsync<BatchState>(BatchPaths.State(id), Token)).ShouldNotBeNull();

    private async Task<IEnumerable<RowOutcome>> OutcomesAsync(BatchState state) =>
        (await _browser.ListAsync(state, RowFilter.All, 1, Token)).Rows.Select(row => row.Outcome);
}
