using System.Net;
using Dray.Worker.Http;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Http;

/// <summary>What browsers are told about pages of other origins.</summary>
[Collection(WebWorkerGroup.Name)]
public sealed class CorsTests
{
    private const string Listed = "https://app.example.org";
    private const string AllowOrigin = "Access-Control-Allow-Origin";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Preflight_ListedOrigin_MayPostWithAKey()
    {
        await using var worker = await HttpWorker.StartAsync(new HttpApiOptions { CorsOrigins = ["https://other.example.org", Listed] });

        using var response = await PreflightAsync(worker, Listed);

        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        response.Headers.GetValues(AllowOrigin).ShouldBe([Listed]);
        response.Headers.GetValues("Access-Control-Allow-Methods").ShouldBe(["POST"]);
        response.Headers.GetValues("Access-Control-Allow-Headers").ShouldBe(["authorization,content-type"]);
        response.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
    }

    [Fact]
    public async Task Answer_ListedOrigin_MayBeReadWithTheRequestsName()
    {
        await using var worker = await HttpWorker.StartAsync(new HttpApiOptions { CorsOrigins = [Listed] });

        using var response = await GetModelsAsync(worker, Listed);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues(AllowOrigin).ShouldBe([Listed]);
        response.Headers.GetValues("Access-Control-Expose-Headers").ShouldBe(["x-request-id"]);
    }

    [Theory]
    [InlineData(Listed, "http://app.example.org")]
    [InlineData(Listed, "https://app.example.org:8443")]
    [InlineData(Listed, "https://app.example.org.evil.example")]
    [InlineData(Listed, "null")]
    [InlineData(null, Listed)]
    public async Task Origin_ThatIsNotListed_IsRefusedWithoutKeys(string? listed, string origin)
    {
        await using var worker = await HttpWorker.StartAsync(new HttpApiOptions { CorsOrigins = listed is null ? [] : [listed] });

        using var preflight = await PreflightAsync(worker, origin);
        using var answer = await GetModelsAsync(worker, origin);

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        foreach (var response in (HttpResponseMessage[])[preflight, answer])
            response.Headers.ShouldNotContain(header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<HttpResponseMessage> PreflightAsync(WebWorker worker, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return await worker.Client.SendAsync(request, Token);
    }

    private static async Task<HttpResponseMessage> GetModelsAsync(WebWorker worker, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Origin", origin);
        return await worker.Client.SendAsync(request, Token);
    }
}
