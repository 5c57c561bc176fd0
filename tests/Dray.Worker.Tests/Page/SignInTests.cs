using System.Net;
using Dray.Worker.Http;
using Dray.Worker.Tests.Http;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Page;

[Collection(WebWorkerGroup.Name)]
public sealed class SignInTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _key = ApiKeyFile.NewKey();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SignIn_TenantsKey_ShowsItsBatchesAndNoOthers()
    {
        await using var worker = await StartAsync();
        await worker.RunBatchAsync("acme_one", JobLines.Lines(2), Token);
        await worker.RunBatchAsync("other_two", JobLines.Lines(2), Token);
        (await worker.Client.GetStringAsync("/batches/acme_one", Token)).ShouldContain("API key");
        (await SignInAsync(worker, "dray-wrong", "/")).Status.ShouldBe(HttpStatusCode.Unauthorized);

        var (status, path) = await SignInAsync(worker, _key, "/batches/acme_one");

        (status, path).ShouldBe((HttpStatusCode.OK, "/batches/acme_one"));
        var overview = await worker.Client.GetStringAsync("/", Token);
        overview.ShouldContain("acme_one");
        overview.ShouldNotContain("other_two");
        foreach (var hidden in (string[])["/batches/other_two", "/batches/other_two/rows/1", "/batches/other_two/output.jsonl", "/batches/acme"])
        {
            using var response = await worker.Client.GetAsync(hidden, Token);
            response.StatusCode.ShouldBe(HttpStatusCode.NotFound, hidden);
        }

        var field = await PageForm.FieldAsync(worker, "/", Token);
        (await PageForm.PostAsync(worker, "/batches/other_two/cancel", field)).ShouldBe(HttpStatusCode.NotFound);
        (await PageForm.PostAsync(worker, "/sign-out", field)).ShouldBe(HttpStatusCode.OK);
        (await worker.Client.GetStringAsync("/", Token)).ShouldContain("API key");
    }

    [Fact]
    public async Task SignIn_LinkToAnotherSite_LeadsToTheOverview()
    {
        await using var worker = await StartAsync();
        foreach (var next in (string[])["//evil.example", "https://evil.example", "/\\evil.example"])
            (await SignInAsync(worker, _key, next)).ShouldBe((HttpStatusCode.OK, "/"), next);
    }

    [Fact]
    public async Task Cookie_IsForThisSiteAndNoScript()
    {
        await using var worker = await StartAsync();
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = worker.Client.BaseAddress };
        var page = await client.GetStringAsync("/sign-in", Token);
        var start = page.IndexOf("Token\" value=\"", StringComparison.Ordinal) + "Token\" value=\"".Length;
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", page[start..page.IndexOf('"', start)]), new("key", _key)]);
        using var response = await client.PostAsync("/sign-in", form, Token);
        var cookie = response.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("dray-page=", StringComparison.Ordinal));
        cookie.ShouldContain("httponly", Case.Insensitive);
        cookie.ShouldContain("samesite=strict", Case.Insensitive);
        cookie.ShouldNotContain(_key);
    }

    private async Task<WebWorker> StartAsync()
    {
        var key = new ApiKey { Tenant = "acme", Sha256 = Convert.ToHexStringLower(ApiKeyFile.HashOf(_key)) };
        ApiKeyFile.Append(_folder["keys.jsonl"], key);
        return await HttpWorker.StartAsync(new HttpApiOptions { ApiKeysFile = _folder["keys.jsonl"] });
    }

    private static async Task<(HttpStatusCode Status, string Path)> SignInAsync(WebWorker worker, string key, string next)
    {
        var field = await PageForm.FieldAsync(worker, "/sign-in?next=" + Uri.EscapeDataString(next), Token);
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", field), new("key", key), new("next", next)]);
        using var response = await worker.Client.PostAsync("/sign-in", form, Token);
        return (response.StatusCode, response.RequestMessage!.RequestUri!.PathAndQuery);
    }
}
