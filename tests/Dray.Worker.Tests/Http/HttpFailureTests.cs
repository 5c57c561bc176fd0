using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dray.Worker.Health;
using Dray.Worker.Http;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Tests.Http;

[Collection(WebWorkerGroup.Name)]
public sealed class HttpFailureTests
{
    private const string Path = "/v1/chat/completions";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{", null)]
    [InlineData("", null)]
    [InlineData("[]", null)]
    [InlineData("""{"messages":[],"temprature":1}""", "temprature")]
    [InlineData("""{"messages":[],"\ud800":1}""", null)]
    [InlineData("""{"messages":"hello"}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"temperature":9}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stream":"yes"}""", "stream")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stream_options":{"include_usage":true}}""", "stream_options")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":[]}""", "stream_options")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stream":true,"prompt_logprobs":1}""", "prompt_logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"/etc/passwd"}}]}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}""", "messages")]
    public async Task Chat_BodyThatIsWrong_Is400AndNamesTheField(string body, string? param)
    {
        await using var worker = await HttpWorker.StartAsync();

        using var response = await worker.PostAsync(Path, body);

        var error = await response.ErrorAsync(HttpStatusCode.BadRequest);
        error["param"]?.GetValue<string>().ShouldBe(param);
        (error["param"] is null).ShouldBe(param is null);
        worker.Engine.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Chat_MisspeltParameter_NamesTheNearest()
    {
        await using var worker = await HttpWorker.StartAsync();

        using var response = await worker.PostAsync(Path, HttpWorker.Chat("hi", "\"max_token\":5"));

        (await response.ErrorAsync(HttpStatusCode.BadRequest))["message"]!.GetValue<string>().ShouldBe("Unknown parameter: 'max_token'; did you mean 'max_tokens'?");
    }

    [Fact]
    public async Task Chat_FieldsOfOpenAIsThatChangeNothing_AreTaken()
    {
        await using var worker = await HttpWorker.StartAsync();

        var completion = await worker.ChatAsync(HttpWorker.Chat(
            "hi",
            """
            "user":"u","store":true,"metadata":{"a":"b"},"parallel_tool_calls":true,"service_tier":"auto","safety_identifier":"s",
            "prompt_cache_key":"k","reasoning_effort":"low","verbosity":"low"
            """));

        completion["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldBe("hi|");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Chat_BodyTooLarge_Is413(bool tellsItsLength)
    {
        await using var worker = await HttpWorker.StartAsync(new HttpApiOptions { MaxRequestBytes = 2048 });
        using var content = new StringContent(HttpWorker.Chat(new string('x', 4000)), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = content };
        request.Headers.TransferEncodingChunked = !tellsItsLength;

        using var response = await worker.Client.SendAsync(request, Token);

        (await response.ErrorAsync(HttpStatusCode.RequestEntityTooLarge))["code"]!.GetValue<string>().ShouldBe("content_too_large");
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/v1/chat", HttpStatusCode.NotFound)]
    [InlineData("POST", "/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/v1/models", HttpStatusCode.MethodNotAllowed)]
    public async Task Path_ThatIsNone_HasOpenAIsShape(string method, string path, HttpStatusCode status)
    {
        await using var worker = await HttpWorker.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await worker.Client.SendAsync(request, Token);

        await response.ErrorAsync(status);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Chat_WrongContentType_Is415(string type)
    {
        await using var worker = await HttpWorker.StartAsync();
        using var content = new StringContent(HttpWorker.Chat("hi"), Encoding.UTF8, type);

        using var response = await worker.Client.PostAsync(Path, content, Token);

        await response.ErrorAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Chat_EngineFails_Is500WithoutItsWords()
    {
        await using var worker = await HttpWorker.StartAsync();

        using var response = await worker.PostAsync(Path, HttpWorker.Chat("fail"));

        var error = await response.ErrorAsync(HttpStatusCode.InternalServerError);
        error["code"]!.GetValue<string>().ShouldBe("engine_failure");
        error["message"]!.GetValue<string>().ShouldNotContain("NaN");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Chat_DeviceIsLostMeanwhile_Is503ForWhoWaitsAndWhoComes(string stream)
    {
        await using var worker = await HttpWorker.StartAsync();
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        worker.Engine.LosesDeviceOn = "lose";
        worker.Engine.Before = (prompt, _) =>
        {
            asked.TrySetResult();
            return prompt == "wait" ? go.Task : Task.CompletedTask;
        };
        var waiting = worker.PostAsync(Path, HttpWorker.Chat("wait", $"\"stream\":{stream}"));
        await asked.Task.WaitAsync(Token);

        using var losing = await worker.PostAsync(Path, HttpWorker.Chat("lose", $"\"stream\":{stream}"));
        go.SetResult();
        using var waited = await waiting;
        using var late = await worker.PostAsync(Path, HttpWorker.Chat("late", $"\"stream\":{stream}"));

        foreach (var response in (HttpResponseMessage[])[losing, waited, late])
        {
            var error = await response.ErrorAsync(HttpStatusCode.ServiceUnavailable);
            error["code"]!.GetValue<string>().ShouldBe("engine_failure");
            error["message"]!.GetValue<string>().ShouldNotContain("test's device");
            response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Chat_ModelThatIsNotServed_Is404()
    {
        await using var worker = await HttpWorker.StartAsync(adjust: settings => settings with { ServedModelNames = ["mine"] });

        using var response = await worker.PostAsync(Path, HttpWorker.Chat("hi", "\"model\":\"other\""));

        (await response.ErrorAsync(HttpStatusCode.NotFound))["code"]!.GetValue<string>().ShouldBe("model_not_found");
    }

    [Fact]
    public async Task Chat_WhileDraining_Is503WithATimeToComeAgain()
    {
        await using var worker = await HttpWorker.StartAsync();
        worker.Services.GetRequiredService<DrainState>().Begin();

        using var response = await worker.PostAsync(Path, HttpWorker.Chat("hi"));

        await response.ErrorAsync(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Chat_MoreAtOnceThanTaken_Is503AndOthersAreAnswered()
    {
        await using var worker = await HttpWorker.StartAsync(new HttpApiOptions { MaxRequests = 1 });
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        worker.Engine.Before = (_, _) =>
        {
            asked.TrySetResult();
            return go.Task;
        };
        var first = worker.ChatAsync(HttpWorker.Chat("first"));
        await asked.Task.WaitAsync(Token);

        using (var second = await worker.PostAsync(Path, HttpWorker.Chat("second")))
        {
            await second.ErrorAsync(HttpStatusCode.ServiceUnavailable);
            second.Headers.RetryAfter.ShouldNotBeNull();
        }

        using (var models = await worker.Client.GetAsync("/v1/models", Token)) models.StatusCode.ShouldBe(HttpStatusCode.OK);
        go.SetResult();
        (await first)["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldBe("first|");
        (await worker.ChatAsync(HttpWorker.Chat("third")))["object"]!.GetValue<string>().ShouldBe("chat.completion");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Chat_ClientGoes_TheEngineIsToldAtOnce(string stream)
    {
        await using var worker = await HttpWorker.StartAsync();
        var (asked, told) = (new TaskCompletionSource(), new TaskCompletionSource());
        worker.Engine.Before = async (_, token) =>
        {
            await using var registration = token.Register(() => told.SetResult());
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        };
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var content = new StringContent(HttpWorker.Chat("hi", $"\"stream\":{stream}"), Encoding.UTF8, "application/json");
        var answer = worker.Client.PostAsync(Path, content, gone.Token);
        await asked.Task.WaitAsync(Token);

        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(answer);
        await told.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task OpenApi_Document_DescribesBodiesAndAnswers()
    {
        await using var worker = await HttpWorker.StartAsync();

        var document = JsonNode.Parse(await worker.Client.GetStringAsync("/openapi/v1.json", Token))!;

        document["openapi"]!.GetValue<string>().ShouldStartWith("3.");
        var chat = document["paths"]!["/v1/chat/completions"]!["post"]!;
        Resolve(document, chat["requestBody"]!["content"]!["application/json"]!["schema"]!)["required"]!.AsArray().Select(name => name!.GetValue<string>()).ShouldBe(["messages"]);
        Resolve(document, chat["responses"]!["200"]!["content"]!["application/json"]!["schema"]!)["properties"]!["choices"].ShouldNotBeNull();
        Resolve(document, chat["responses"]!["400"]!["content"]!["application/json"]!["schema"]!)["properties"]!["error"].ShouldNotBeNull();
        foreach (var path in (string[])["/v1/completions", "/v1/models"]) document["paths"]![path].ShouldNotBeNull(path);
    }

    private static JsonNode Resolve(JsonNode document, JsonNode schema) =>
        schema["$ref"] is { } reference ? document["components"]!["schemas"]![reference.GetValue<string>().Split('/')[^1]]! : schema;
}
