using System.Net;
using Dray.Worker.Http;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Http;

[Collection(WebWorkerGroup.Name)]
public sealed class SiteGateTests : IDisposable
{
    private const string App = "https://app.example.org";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "localhost.evil.example")]
    [InlineData("Host", "192.168.1.5:8000")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "http://localhost:3000")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Request_OfAnotherSite_Is403InOpenAIsShape(string header, string value)
    {
        await using var worker = await HttpWorker.StartAsync();

        using var chat = await AskAsync(worker, HttpMethod.Post, (header, value));
        using var models = await AskAsync(worker, HttpMethod.Get, (header, value));

        (await chat.ErrorAsync(HttpStatusCode.Forbidden))["code"]!.GetValue<string>().ShouldBe("foreign_site");
        await models.ErrorAsync(HttpStatusCode.Forbidden);
        worker.Engine.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Host", "localhost")]
    [InlineData("Host", "dray.localhost:8000")]
    [InlineData("Host", "[::1]:8000")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task Request_OfThisMachine_IsAnswered(string header, string value)
    {
        await using var worker = await HttpWorker.StartAsync();

        using var response = await AskAsync(worker, HttpMethod.Post, (header, value));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Origin_ThatIsAllowed_IsAnswered_AndNoOther()
    {
        await using var worker = await HttpWorker.StartAsync(new HttpApiOptions { CorsOrigins = [App] });

        using var allowed = await AskAsync(worker, HttpMethod.Post, ("Origin", App), ("Sec-Fetch-Site", "cross-site"));
        using var other = await AskAsync(worker, HttpMethod.Post, ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"));

        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
        allowed.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([App]);
        await other.ErrorAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Name_ServedOnAllAddresses_MayBeAny()
    {
        await using var worker = await WebWorker.StartAsync(
            TestContext.Current.CancellationToken, http: new HttpApiOptions(), use: application => application.Urls.Add("http://0.0.0.0:0"));

        using var named = await AskAsync(worker, HttpMethod.Post, ("Host", "dray.internal:8000"));
        using var foreign = await AskAsync(worker, HttpMethod.Post, ("Host", "dray.internal:8000"), ("Origin", "https://evil.example"));

        named.StatusCode.ShouldBe(HttpStatusCode.OK);
        await foreign.ErrorAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Request_WithAKey_MayComeFromAnywhere()
    {
        var key = ApiKeyFile.NewKey();
        ApiKeyFile.Append(_folder["keys.jsonl"], new ApiKey { Tenant = "acme", Sha256 = Convert.ToHexStringLower(ApiKeyFile.HashOf(key)) });
        await using var worker = await HttpWorker.StartAsync(new HttpApiOptions { ApiKeysFile = _folder["keys.jsonl"] });

        using var response = await AskAsync(
            worker, HttpMethod.Post, ("Host", "dray.example"), ("Origin", "https://other.example"), ("Authorization", "Bearer " + key));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<HttpResponseMessage> AskAsync(WebWorker worker, HttpMethod method, params (string Name, string Value)[] headers)
    {
        var address = new UriBuilder(worker.Client.BaseAddress!) { Host = "127.0.0.1", Path = method == HttpMethod.Get ? "/v1/models" : "/v1/chat/completions" };
        using var request = new HttpRequestMessage(method, address.Uri);
        if (method == HttpMethod.Post) request.Content = new StringContent(HttpWorker.Chat("hi"), System.Text.Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await worker.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
