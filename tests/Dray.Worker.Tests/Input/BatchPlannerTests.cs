using System.Text;
using CsCheck;
using Dray.Contracts;
using Dray.Worker.Input;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Input;

public sealed class BatchPlannerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemBlobStore _store;

    public BatchPlannerTests() => _store = new FileSystemBlobStore(_folder.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PlanAsync_MoreRowsThanAChunk_CutsWhereRowsBegin()
    {
        const string Input = "\uFEFF{\"custom_id\":\"a\"}\n\n{\"custom_id\":\"b\"}\n{\"custom_id\":\"c\"}\n\n";

        var plan = await PlanAsync("b1", Input, new WorkerOptions { ChunkRows = 2 });

        (plan.Rows, plan.Input.Bytes).ShouldBe((3, Encoding.UTF8.GetByteCount(Input)));
        plan.Chunks.ShouldBe(
        [
            new BatchChunk { Index = 0, Offset = 3, Length = 37, FirstLine = 1, FirstRow = 0, Rows = 2 },
            new BatchChunk { Index = 1, Offset = 40, Length = 17, FirstLine = 4, FirstRow = 2, Rows = 1 },
        ]);
        plan.RenamedRows.ShouldBeEmpty();
    }

    [Fact]
    public async Task PlanAsync_ManyTokens_CutsBeforeTheRowThatIsTooMany()
    {
        var input = string.Concat(Enumerable.Range(0, 6).Select(i => $"{{\"custom_id\":\"{i}\",\"body\":\"{new string('x', 400)}\"}}\n"));

        var plan = await PlanAsync("b1", input, new WorkerOptions { ChunkTokens = 250 });

        plan.Chunks.Select(chunk => chunk.Rows).ShouldBe([2, 2, 2]);
        (await PlanAsync("b2", input, new WorkerOptions { ChunkTokens = 10 })).Chunks.Select(chunk => chunk.Rows).ShouldBe([1, 1, 1, 1, 1, 1]);
    }

    [Fact]
    public async Task PlanAsync_RowsWithoutNames_GetNamesThatNoRowHas()
    {
        const string Input = """
            {"custom_id":"a"}
            not json
            {"custom_id":"a"}
            {"custom_id":"line-2"}
            {"custom_id":"line-3"}
            {"custom_id":"line-3-2"}
            """;

        var plan = await PlanAsync("b1", Input, new WorkerOptions());

        plan.RenamedRows.ShouldBe(
            [new RenamedRow { Row = 1, CustomId = "line-2-2" }, new RenamedRow { Row = 2, CustomId = "line-3-3", DuplicateOfLine = 1 }]);
    }

    [Fact]
    public async Task PlanAsync_SecondTime_IsThePlanThatWasWritten()
    {
        var first = await PlanAsync("b1", "{\"custom_id\":\"a\"}\n{\"custom_id\":\"b\"}\n", new WorkerOptions { ChunkRows = 1 });

        var second = await new BatchPlanner(_store, WorkerSettings.From(new WorkerOptions { ChunkRows = 2 })).PlanAsync("b1", BatchPaths.Input("b1"), Token);

        second.Chunks.ShouldBe(first.Chunks);
    }

    [Fact]
    public void PlanAsync_AnyInput_ChunksCoverEveryRowOnceAndNamesAreUnique()
    {
        var line = Gen.OneOf(Gen.Int[0, 5].Select(i => $"{{\"custom_id\":\"line-{i}\"}}"), Gen.Const(""), Gen.Const("{"), Gen.Const("  \r"));
        Gen.Select(line.List[0, 30], Gen.Int[1, 5]).Sample((lines, chunkRows) =>
        {
            var id = Guid.NewGuid().ToString("N");
            var content = string.Join('\n', lines);
            var rows = Read(content, 0, 1);
            if (rows.Count == 0) return;

            var plan = PlanAsync(id, content, new WorkerOptions { ChunkRows = chunkRows }).GetAwaiter().GetResult();

            var seen = plan.Chunks.SelectMany(chunk =>
            {
                var part = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(content).AsSpan((int)chunk.Offset, (int)chunk.Length));
                var found = Read(part, chunk.Offset, chunk.FirstLine);
                found.Count.ShouldBe(chunk.Rows);
                return found;
            }).ToList();
            seen.Select(row => (row.Number, row.Offset)).ShouldBe(rows.Select(row => (row.Number, row.Offset)));
            plan.Chunks.ShouldAllBe(chunk => chunk.Rows <= chunkRows);
            var renamed = plan.RenamedRows.ToDictionary(row => row.Row, row => row.CustomId);
            var names = rows.Select((row, i) => renamed.GetValueOrDefault(i) ?? CustomIdReader.TryRead(row.Bytes.Span)).ToList();
            names.ShouldNotContain((string?)null);
            names.ShouldBeUnique();
        });
    }

    private static List<InputLine> Read(string content, long offset, long firstLine) =>
        [.. new BatchInputReader(1000).ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(content)), offset, firstLine).ToBlockingEnumerable()];

    private async Task<BatchPlan> PlanAsync(string id, string input, WorkerOptions options)
    {
        await _store.TryCreateAsync(BatchPaths.Input(id), Encoding.UTF8.GetBytes(input), Token);
        return await new BatchPlanner(_store, WorkerSettings.From(options)).PlanAsync(id, BatchPaths.Input(id), Token);
    }
}
