using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Dray.Contracts;
using Dray.Worker.Http;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Tests.Http;

/// <summary>A worker that answers over HTTP, with an engine that says the prompt back.</summary>
internal static class HttpWorker
{
    public static Task<WebWorker> StartAsync(HttpApiOptions? options = null, Action<IServiceCollection>? configure = null, Func<WorkerSettings, WorkerSettings>? adjust = null) =>
        WebWorker.StartAsync(TestContext.Current.CancellationToken, configure, adjust, options ?? new HttpApiOptions());

    /// <summary>A chat completion's body with one message of the user's.</summary>
    public static string Chat(string prompt, string more = "") =>
        $$"""{"messages":[{"role":"user","content":{{JsonValue.Create(prompt).ToJsonString()}}}]{{(more.Length == 0 ? "" : "," + more)}}}""";

    public static async Task<HttpResponseMessage> PostAsync(this WebWorker worker, string path, string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await worker.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>The answer to a chat completion.</summary>
    public static async Task<JsonNode> ChatAsync(this WebWorker worker, string body)
    {
        using var response = await worker.PostAsync("/v1/chat/completions", body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>The events of a streamed answer, without the last one, which says that it is.</summary>
    public static async Task<JsonNode[]> EventsAsync(this WebWorker worker, string path, string body)
    {
        using var response = await worker.PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        events.ShouldAllBe(line => line.StartsWith("data: ", StringComparison.Ordinal));
        events[^1].ShouldBe("data: [DONE]");
        return [.. events[..^1].Select(line => JsonNode.Parse(line["data: ".Length..])!)];
    }

    /// <summary>The error of a refusal; every one has OpenAI's shape.</summary>
    public static async Task<JsonNode> ErrorAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var document = JsonNode.Parse(text)!.AsObject();
        document.Select(member => member.Key).ShouldBe(["error"]);
        document["error"]!.AsObject().Select(member => member.Key).ShouldBe(["message", "type", "param", "code"]);
        document["error"]!["type"]!.GetValue<string>().ShouldBe((int)status < 500 ? ErrorBody.InvalidRequestType : ErrorBody.ServerType);
        document["error"]!["message"]!.GetValue<string>().ShouldNotBeEmpty();
        return document["error"]!;
    }
}
