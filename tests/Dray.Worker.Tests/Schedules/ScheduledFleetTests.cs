using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Services;
using Dray.Worker.Hosting;
using Dray.Worker.Schedules;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using Dray.Worker.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Schedules;

/// <summary>Whole workers with the demo model, whose clock is the test's.</summary>
public sealed class ScheduledFleetTests
{
    private static readonly string Samples = Path.Combine(SharedFolder.Repository, "samples");
    private static readonly TimeSpan Interval = ScheduleService.Interval;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fleet_OnRabbitMqAndAzurite_CaptionsAFolderOnceAndThenWhatIsNewOrChanged()
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        var broker = await BrokerNode.NewHostAsync(Token);
        var server = await AzuriteServer.SharedAsync();
        var location = BlobStoreLocation.Parse($"{server.ConnectionString}Container=schedules-{Guid.NewGuid():N}");
        var store = await location.OpenAsync(Token);
        string[] names = ["sample-badge", "sample-letter", "sample-memo"];
        foreach (var name in names) await UploadAsync(store, $"scans/{name}.png", name);
        await using var fleet = new Fleet(broker, location, 2);

        var first = await fleet.FireAsync(store, "captions/scans-20270301T120000Z.jsonl");

        first.Select(caption => caption.GetProperty("path").GetString()).ShouldBe(names.Select(name => name + ".png"));
        foreach (var name in names)
        {
            var sidecar = await ReadAsync(store, $"captions/{name}.png.json");
            sidecar.GetProperty("answer").GetString().ShouldBe(ReferenceOf(name));
            sidecar.GetProperty("model").GetString().ShouldBe("dray-demo");
            sidecar.GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBePositive();
        }

        await UploadAsync(store, "scans/sample-notice.png", "sample-notice");
        await UploadAsync(store, "scans/sample-memo.png", "sample-letter");

        var second = await fleet.FireAsync(store, "captions/scans-20270302T120000Z.jsonl");

        second.Select(caption => (caption.GetProperty("path").GetString(), caption.GetProperty("answer").GetString()))
            .ShouldBe([("sample-memo.png", ReferenceOf("sample-letter")), ("sample-notice.png", ReferenceOf("sample-notice"))]);
        var batches = await store.ListAsync("batches/", Token).Where(path => path.EndsWith("/manifest.json", StringComparison.Ordinal)).ToListAsync(Token);
        batches.ShouldBe(
            ["batches/schedule-scans-20270301T120000Z-1/manifest.json", "batches/schedule-scans-20270302T120000Z-1/manifest.json"]);
    }

    private static string Prompt => "Give a one-sentence caption with the key facts.";

    // What the demo model says of a picture is the same in any batch.
    private static string ReferenceOf(string name) => File.ReadLines(Path.Combine(Samples, "jobs", "demo-reference.jsonl"))
        .Select(line => JsonElement.Parse(Encoding.UTF8.GetBytes(line)))
        .Single(line => line.GetProperty("custom_id").GetString() == name).GetProperty("content").GetString()!;

    private static Task UploadAsync(IBlobStore store, string path, string sample) => store.PutAsync(
        path,
        async (target, token) => await target.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(Samples, "jobs", "images", sample + ".png"), token), token),
        Token);

    private static async Task<JsonElement> ReadAsync(IBlobStore store, string path) =>
        JsonElement.Parse((await store.TryReadAsync(path, Token)).ShouldNotBeNull().Bytes.Span);

    private sealed class Fleet : IAsyncDisposable
    {
        private readonly FakeTimeProvider _time = new(ScheduleBench.Morning);
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        private readonly Task _workers;

        public Fleet(BrokerOptions? broker, BlobStoreLocation location, int workers)
        {
            var options = new WorkerHostOptions
            {
                Broker = broker,
                Store = location,
                Worker = new WorkerOptions { ChunkRows = 2, DrainTimeout = TimeSpan.Zero },
                Port = 0,
                Time = _time,
                Schedules =
                [
                    new ScheduleOptions
                    {
                        Name = "scans",
                        Times = FireTimes.Parse("0 12 * * *", TimeZoneInfo.Utc),
                        Source = PicturePlace.Parse("scans/", "/"),
                        Output = PicturePlace.Parse("captions/", "/"),
                        Prompt = Prompt,
                        Sampling = new Dictionary<string, JsonElement>
                        {
                            ["max_tokens"] = JsonSerializer.SerializeToElement(128),
                            ["temperature"] = JsonSerializer.SerializeToElement(0),
                        },
                        Priority = JobPriority.Normal,
                    },
                ],
            };
            _workers = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => new WorkerHost(options, LoadAsync).RunAsync(_stop.Token))));
        }

        /// <summary>Waits until every worker has seen the schedule, lets the clock come to noon, and reads the firing's file.</summary>
        public async Task<JsonElement[]> FireAsync(IBlobStore store, string file)
        {
            await UntilAsync(() => store.ExistsAsync("schedules/scans/state.json", Token));
            var noon = _time.GetUtcNow().Date.AddHours(12);
            if (noon <= _time.GetUtcNow()) noon = noon.AddDays(1);
            _time.Advance(noon - _time.GetUtcNow());
            await UntilAsync(async () =>
            {
                _time.Advance(Interval);
                return await store.ExistsAsync(file, Token)
                    && !(await ReadAsync(store, "schedules/scans/state.json")).TryGetProperty("firing", out JsonElement _);
            });
            return [.. await store.ReadLinesAsync<JsonElement>(file, Token).OrderBy(line => line.GetProperty("path").GetString(), StringComparer.Ordinal).ToListAsync(Token)];
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _workers;
            _stop.Dispose();
        }

        private async Task UntilAsync(Func<Task<bool>> isSo) => await Until.TrueAsync(
            async () =>
            {
                if (_workers.IsFaulted) await _workers;
                return await isSo();
            },
            Token);

        private static Task<IInferenceEngine> LoadAsync(Microsoft.Extensions.Logging.ILoggerFactory loggers, CancellationToken cancellationToken) =>
            Task.Run<IInferenceEngine>(
                () => InferenceEngine.Load(
                    Path.Combine(Samples, "models", "dray-demo"), new CpuBackend(new CpuBackendOptions { Threads = 1 }, NullLogger.Instance), new EngineOptions()),
                cancellationToken);
    }
}
