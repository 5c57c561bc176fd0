using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Execution;

public sealed class ChunkPartTests : IDisposable
{
    private const string PartPath = "parts/0";
    private static readonly ChunkPlace[] Places =
        [.. Enumerable.Range(0, 8).Select(row => new ChunkPlace(RequestIdentity.OfRow("b", row, 0), null, 1))];

    private static readonly string[] Ids = [.. Places.Select(place => place.Identity.RowId)];
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemBlobStore _store;

    public ChunkPartTests() => _store = new FileSystemBlobStore(_folder.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task AddAsync_WhileAnAppendIsUnderWay_GoesWithTheOthersInTheNext()
    {
        var store = new HeldAppends();
        var part = await OpenAsync(store);

        var first = part.AddAsync(0, Row(0));
        var others = Enumerable.Range(1, 4).Select(place => part.AddAsync(place, Row(place))).ToArray();
        var one = await store.NextAsync(Token);
        store.Waiting.ShouldBe(0);
        first.IsCompleted.ShouldBeFalse();
        part.Done.ShouldBe(ChunkTally.Empty);

        one.End.SetResult();
        (await first).Completed.ShouldBe(1);
        var two = await store.NextAsync(Token);
        others.ShouldAllBe(add => !add.IsCompleted);
        two.End.SetResult();
        (await Task.WhenAll(others)).ShouldAllBe(done => done.Completed == 5);

        Lines(one.Text).ShouldBe(Ids[..1]);
        Lines(two.Text).ShouldBe(Ids[1..5]);
        var last = part.AddAsync(5, Row(5));
        (await store.NextAsync(Token)).End.SetResult();
        (await last).Completed.ShouldBe(6);
    }

    [Fact]
    public async Task AddAsync_LongRows_AreNotGroupedWithoutEnd()
    {
        var store = new HeldAppends();
        var part = await OpenAsync(store);

        var adds = Enumerable.Range(0, 6).Select(place => part.AddAsync(place, Row(place, 1_900_000))).ToArray();
        var lengths = new List<int>();
        while (lengths.Sum() < 6)
        {
            var append = await store.NextAsync(Token);
            lengths.Add(Lines(append.Text).Length);
            append.End.SetResult();
        }

        await Task.WhenAll(adds);
        lengths.ShouldBe([1, 2, 2, 1]);
    }

    [Fact]
    public async Task AddAsync_AppendFails_FailsItsRowsAndAllAfter()
    {
        var store = new HeldAppends();
        var part = await OpenAsync(store);
        var first = part.AddAsync(0, Row(0));
        var second = part.AddAsync(1, Row(1));
        var third = part.AddAsync(2, Row(2));
        (await store.NextAsync(Token)).End.SetResult();
        await first;

        (await store.NextAsync(Token)).End.SetException(new IOException("The disk is full."));

        foreach (var add in new[] { second, third, part.AddAsync(3, Row(3)), part.AddAsync(4, Row(4)) })
            (await Should.ThrowAsync<IOException>(() => add)).Message.ShouldBe("The disk is full.");
        store.Waiting.ShouldBe(0);
        part.Done.Completed.ShouldBe(1);
        (part.Has(0), part.Has(1)).ShouldBe((true, false));
    }

    [Fact]
    public async Task OpenAsync_ManyAddedAtOnce_HasThemAll()
    {
        var part = await OpenAsync(_store);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(place => Task.Run(() => part.AddAsync(place, Row(place)))));

        var again = await OpenAsync(_store);

        Enumerable.Range(0, 8).ShouldAllBe(place => again.Has(place));
        again.Done.Completed.ShouldBe(8);
        (await RowIdsAsync(again)).ShouldBe(Ids);
    }

    [Fact]
    public async Task OpenAsync_TornLastLine_DropsItAndGoesOnAfterIt()
    {
        await (await OpenAsync(_store)).AddAsync(0, Row(0));
        await _store.AppendAsync(PartPath, BlobJson.Write(Row(1)).AsMemory(0, 30), Token);

        var part = await OpenAsync(_store);
        (part.Has(0), part.Has(1)).ShouldBe((true, false));
        await part.AddAsync(1, Row(1));

        (await OpenAsync(_store)).Done.Completed.ShouldBe(2);
    }

    [Fact]
    public async Task OpenAsync_AppendedTwice_CountsEachRowOnce()
    {
        var part = await OpenAsync(new UnsureStore(_store, _ => true));
        for (var place = 0; place < 8; place++) await part.AddAsync(place, Row(place));

        var again = await OpenAsync(_store);

        again.Done.Completed.ShouldBe(8);
        (await RowIdsAsync(again)).ShouldBe(Ids);
    }

    private static Task<ChunkPart> OpenAsync(IBlobStore store) => ChunkPart.OpenAsync(store, PartPath, Places, Token);

    private static BatchOutputRow Row(int place, int length = 1) => new()
    {
        Id = Ids[place],
        CustomId = $"custom-{place}",
        Response = new BatchRowResponse { StatusCode = 200, RequestId = "r", Body = JsonSerializer.SerializeToElement(new { usage = new { prompt_tokens = 1, completion_tokens = 2, total_tokens = 3 }, text = new string('x', length) }) },
    };

    private static string[] Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<BatchOutputRow>(line, ContractsJson.Options)!.Id)];

    private static async Task<string[]> RowIdsAsync(ChunkPart part)
    {
        using var stream = new MemoryStream();
        await part.WriteToAsync(stream, Token);
        return Lines(Encoding.UTF8.GetString(stream.ToArray()));
    }
}
