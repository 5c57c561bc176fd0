using System.Net;
using System.Text;
using System.Text.Json;
using Dray.Cli.Drill;
using Dray.Cli.Tests.Support;

namespace Dray.Cli.Tests.Serve;

/// <summary>Workers on a broker that answer over HTTP, or don't.</summary>
public sealed class WorkerHttpTests(BrokerFixture broker) : IClassFixture<BrokerFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Worker_WithHttp_ListsItsModelAndChats()
    {
        await using var worker = Worker("http: true\n");
        using var client = new HttpClient { BaseAddress = await worker.StartAsync(Token) };

        var models = JsonElement.Parse(await client.GetStringAsync("v1/models", Token));
        using var content = new StringContent("""{"messages":[{"role":"user","content":"What is 1+1? One word."}],"max_tokens":8}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("v1/chat/completions", content, Token);
        var text = await response.Content.ReadAsStringAsync(Token);

        models.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ShouldContain("dray-demo");
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        JsonElement.Parse(text).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Worker_WithoutHttp_ShowsItsHealthOnly()
    {
        await using var worker = Worker("");
        using var client = new HttpClient { BaseAddress = await worker.StartAsync(Token) };

        using var models = await client.GetAsync("v1/models", Token);
        using var page = await client.GetAsync("", Token);
        using var health = await client.GetAsync("health/live", Token);

        models.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        page.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        health.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private WorkerProcess Worker(string config) => new("worker", new WorkerProcessOptions
    {
        Broker = broker.Url,
        Store = _folder["store"],
        Model = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo"),
        Config = _folder.Write("dray.yaml", config + "chunk_rows: 4\n"),
        Threads = 1,
    });
}
