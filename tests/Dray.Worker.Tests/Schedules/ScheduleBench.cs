using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Schedules;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Schedules;

/// <summary>A worker on an in-memory bus, and a schedule that runs on it at noon of a fake clock.</summary>
internal sealed class ScheduleBench : IAsyncDisposable
{
    /// <summary>When the schedule is first seen; it fires at noon.</summary>
    public static readonly DateTimeOffset Morning = new(2027, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly WorkerFixture _worker;
    private Func<Task<bool>>? _own;

    private ScheduleBench(WorkerFixture worker) => _worker = worker;

    public FileSystemBlobStore Store => _worker.Store;

    public EngineFake Engine => _worker.Engine;

    public TemporaryFolder Folder => _worker.Folder;

    public FakeTimeProvider Time => _worker.Time;

    public LogRecorder<ScheduleRunner> Log { get; } = new();

    public ScheduleOptions Options { get; set; } = new()
    {
        Name = "scans",
        Times = FireTimes.Parse("0 0 12 * * ?", TimeZoneInfo.Utc),
        Source = PicturePlace.Parse("scans/", "/"),
        Output = PicturePlace.Parse("captions/", "/"),
        Prompt = "What is {name}?",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ScheduleBench> StartAsync()
    {
        var bench = new ScheduleBench(await WorkerFixture.StartAsync(Token, readsFolder: false));
        bench.Time.AdjustTime(Morning);
        await bench.StepAsync();
        return bench;
    }

    /// <summary>Writes a picture, whose content is no picture: the fake engine says its length.</summary>
    public Task AddAsync(string name, string content = "a picture") => AddAsync(name, Encoding.UTF8.GetBytes(content));

    /// <summary>Writes a picture.</summary>
    public Task AddAsync(string name, byte[] content) =>
        Store.PutAsync("scans/" + name, (stream, token) => stream.WriteAsync(content, token).AsTask(), Token);

    /// <summary>A worker, over a store of its own or the bench's.</summary>
    public Func<Task<bool>> Worker(IBlobStore? store = null)
    {
        var runner = new ScheduleRunner(
            store ?? Store, new BusSender(_worker.Bus), messagesLast: true, WorkerSettings.From(new WorkerOptions()), Time, Log);
        return () => runner.RunAsync(new Schedule(Options, store ?? Store), Token);
    }

    /// <summary>The bench's own worker looks at the schedule.</summary>
    public Task<bool> StepAsync() => (_own ??= Worker())();

    /// <summary>The bench's own worker takes the schedule to the end of its firing.</summary>
    public async Task FinishAsync()
    {
        while (await StepAsync()) await WaitForBatchAsync();
    }

    /// <summary>Lets the schedule fire at the next noon, and waits until its captions are written.</summary>
    public async Task<IReadOnlyList<string>> FireAsync()
    {
        NextNoon();
        await FinishAsync();
        return Asked();
    }

    public Task WaitForBatchAsync() => _worker.Events.NextAsync<BatchCompleted>(Token);

    public void NextNoon() => Time.AdjustTime(Options.Times.Next(Time.GetUtcNow())!.Value);

    /// <summary>The prompts that the engine got since the last call.</summary>
    public IReadOnlyList<string> Asked()
    {
        string[] asked = [.. Engine.Calls.SelectMany(call => Enumerable.Repeat(call.Key, call.Value)).Order(StringComparer.Ordinal)];
        Engine.Calls.Clear();
        return asked;
    }

    public async Task<JsonElement> ReadAsync(string path) => JsonElement.Parse((await Store.TryReadAsync(path, Token)).ShouldNotBeNull().Bytes.Span);

    /// <summary>The pictures of the first firing's batch, in the order of a document's pages where <paramref name="path"/> is one.</summary>
    public async Task<IReadOnlyList<byte[]>> PagesAsync(string path)
    {
        var line = (await Store.ReadLinesAsync<PlannedPicture>("schedules/scans/firings/20270301T120000Z-1/plan.jsonl", Token).ToListAsync(Token))
            .Single(picture => picture.Path == path);
        var pages = new List<byte[]>();
        foreach (var page in line.Pages.Where(page => page.Image is not null))
            pages.Add((await Store.TryReadAsync(BatchPaths.Image("schedule-scans-20270301T120000Z-1", page.Image!), Token))!.Bytes.ToArray());
        return pages;
    }

    public async Task<IReadOnlyList<string>> ListAsync(string prefix) => await Store.ListAsync(prefix, Token).ToListAsync(Token);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();
}
