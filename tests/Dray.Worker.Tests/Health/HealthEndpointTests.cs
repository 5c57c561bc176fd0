using System.Net;
using System.Text.Json;
using Dray.Inference;
using Dray.Worker.Health;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Health;

[Collection(WebWorkerGroup.Name)]
public sealed class HealthEndpointTests
{
    private readonly FakeTimeProvider _time = new();
    private Func<Task> _probe = () => Task.CompletedTask;
    private int _probes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ready_AllIsWell_Is200WithASentencePerCheck()
    {
        await using var worker = await StartAsync();

        var (status, report) = await GetAsync(worker, "/health/ready");

        status.ShouldBe(HttpStatusCode.OK);
        report.GetProperty("status").GetString().ShouldBe("healthy");
        var checks = report.GetProperty("checks");
        checks.EnumerateObject().Select(check => check.Name).ShouldBe(["broker", "model", "store", "drain"], ignoreOrder: true);
        checks.EnumerateObject().ShouldAllBe(check => check.Value.GetProperty("message").GetString()!.Length > 5);
        checks.GetProperty("broker").GetProperty("message").GetString().ShouldBe("The broker is connected.");
        checks.GetProperty("model").GetProperty("message").GetString().ShouldBe("The model fake-model is loaded on fake.");
    }

    [Fact]
    public async Task Ready_Draining_Is503AndStillLive()
    {
        await using var worker = await StartAsync();

        worker.Services.GetRequiredService<DrainState>().Begin();

        var (ready, report) = await GetAsync(worker, "/health/ready");
        ready.ShouldBe(HttpStatusCode.ServiceUnavailable);
        report.GetProperty("checks").GetProperty("drain").GetProperty("message").GetString().ShouldBe("The worker is stopping and takes no new work.");
        (await GetAsync(worker, "/health/live")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Ready_StoreFails_Is503WithoutTheStoresOwnWords()
    {
        _probe = () => throw new IOException("AccountKey=verysecret was refused.");
        await using var worker = await StartAsync();

        var (status, report) = await GetAsync(worker, "/health/ready");

        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        report.GetRawText().ShouldContain("The store can't be written (IOException)");
        report.GetRawText().ShouldNotContain("verysecret");
    }

    [Fact]
    public async Task Ready_AskedOften_ProbesTheStoreOncePerInterval()
    {
        await using var worker = await StartAsync();

        await GetAsync(worker, "/health/ready");
        await GetAsync(worker, "/health/ready");
        _probes.ShouldBe(1);
        _probe = () => throw new IOException("The disk is full.");
        _time.Advance(StoreCheck.Interval);

        (await GetAsync(worker, "/health/ready")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        _probes.ShouldBe(2);
    }

    [Fact]
    public async Task Ready_StoreHangs_SaysSoAfterItsPatience()
    {
        var asked = new TaskCompletionSource();
        _probe = () =>
        {
            asked.SetResult();
            return Task.Delay(Timeout.Infinite, Token);
        };
        await using var worker = await StartAsync();

        var answer = GetAsync(worker, "/health/ready");
        await asked.Task.WaitAsync(Token);
        _time.Advance(StoreCheck.Patience);

        (await answer).Report.GetRawText().ShouldContain("The store didn't answer within 5 s.");
    }

    [Fact]
    public async Task Live_WorkWithoutHeartbeat_Is503AfterTheTimeoutAndNotBefore()
    {
        await using var worker = await StartAsync();
        worker.Engine.Statistics = new EngineStatistics { HasWork = true, Heartbeat = 7, Running = 2 };
        (await GetAsync(worker, "/health/live")).Status.ShouldBe(HttpStatusCode.OK);

        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        (await GetAsync(worker, "/health/live")).Status.ShouldBe(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(2));
        var (hung, report) = await GetAsync(worker, "/health/live");
        worker.Engine.Statistics = worker.Engine.Statistics with { Heartbeat = 8 };
        var (moved, _) = await GetAsync(worker, "/health/live");

        hung.ShouldBe(HttpStatusCode.ServiceUnavailable);
        report.GetRawText().ShouldContain("liveness_timeout (300 s)");
        moved.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Live_IdleForHours_Is200AndWorkThatComesThenGetsItsFullTime()
    {
        await using var worker = await StartAsync();
        (await GetAsync(worker, "/health/live")).Status.ShouldBe(HttpStatusCode.OK);

        _time.Advance(TimeSpan.FromHours(3));
        (await GetAsync(worker, "/health/live")).Status.ShouldBe(HttpStatusCode.OK);
        worker.Engine.Statistics = new EngineStatistics { HasWork = true, Waiting = 1 };

        (await GetAsync(worker, "/health/live")).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Report)> GetAsync(WebWorker worker, string path)
    {
        using var response = await worker.Client.GetAsync(path, Token);
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        return (response.StatusCode, document.RootElement.Clone());
    }

    private Task<WebWorker> StartAsync() => WebWorker.StartAsync(Token, services => services
        .AddSingleton<TimeProvider>(_time)
        .AddSingleton(new StoreProbe(_ =>
        {
            _probes++;
            return _probe();
        })));
}
