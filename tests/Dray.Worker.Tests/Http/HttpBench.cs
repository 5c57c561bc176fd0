using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dray.Worker.Http;
using Dray.Worker.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Dray.Worker.Tests.Http;

/// <summary>A worker with its HTTP interface, and a client of one tenant, or of everyone.</summary>
internal sealed class HttpBench : IAsyncDisposable
{
    private const string TenantHeader = "X-Test-Tenant";
    private readonly WebWorker _worker;
    private readonly string _tenant;

    private HttpBench(WebWorker worker, string tenant) => (_worker, _tenant) = (worker, tenant);

    public WebWorker Worker => _worker;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<HttpBench> StartAsync(HttpApiOptions? options = null, string tenant = "") => new(
        await WebWorker.StartAsync(Cancellation, http: options ?? new HttpApiOptions(), use: app => app.Use((context, next) =>
        {
            // Who asks is another part's business.
            if (context.Request.Headers[TenantHeader] is [{ Length: > 0 } name]) context.Features.Set(new Tenant(name));
            return next(context);
        })),
        tenant);

    /// <summary>The same server, asked by another.</summary>
    public HttpBench As(string tenant) => new(_worker, tenant);

    /// <summary>Uploads a file, which must be taken.</summary>
    public async Task<string> UploadAsync(string content, string name = "rows.jsonl")
    {
        using var form = Form(content, name);
        return await OkAsync(HttpMethod.Post, "/v1/files", form) is var file ? file.GetProperty("id").GetString()! : "";
    }

    /// <summary>Creates a batch, which must be taken.</summary>
    public async Task<string> CreateAsync(string fileId) => (await OkAsync(HttpMethod.Post, "/v1/batches", Json(new
    {
        input_file_id = fileId,
        endpoint = "/v1/chat/completions",
        completion_window = "24h",
    }))).GetProperty("id").GetString()!;

    /// <summary>Uploads and creates.</summary>
    public async Task<string> RunAsync(string rows) => await CreateAsync(await UploadAsync(rows));

    /// <summary>Looks at a batch until it has a status.</summary>
    public async Task<JsonElement> WaitAsync(string batchId, string status)
    {
        var batch = default(JsonElement);
        await Until.EqualAsync(
            async () => (batch = await OkAsync(HttpMethod.Get, $"/v1/batches/{batchId}")).GetProperty("status").GetString(), status, Cancellation);
        return batch;
    }

    /// <summary>The content of a file, which must be there.</summary>
    public async Task<string> ContentAsync(string fileId)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/v1/files/{fileId}/content");
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return text;
    }

    public async Task<JsonElement> OkAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(method, path, content, headers);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonElement.Parse(text);
    }

    /// <summary>A request that must be refused, in OpenAI's shape.</summary>
    public async Task<(int Status, string Code, string? Param, string Message)> RefusedAsync(
        HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(method, path, content, headers);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        ((int)answer.StatusCode).ShouldBeGreaterThanOrEqualTo(400, text);
        var error = JsonElement.Parse(text).GetProperty("error");
        error.GetProperty("type").GetString().ShouldBe("invalid_request_error");
        return ((int)answer.StatusCode, error.GetProperty("code").GetString()!, error.GetProperty("param").GetString(), error.GetProperty("message").GetString()!);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        // As it stands: what looks like a way out of a folder is sent, not tidied up.
        var uri = new Uri(_worker.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, uri) { Content = content };
        if (_tenant.Length > 0) request.Headers.Add(TenantHeader, _tenant);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _worker.Client.SendAsync(request, Cancellation);
    }

    public static MultipartFormDataContent Form(string content, string name = "rows.jsonl", string purpose = "batch") => new()
    {
        { new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "file", name },
        { new StringContent(purpose), "purpose" },
    };

    public static HttpContent Json(object body) => JsonContent.Create(body);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();
}
