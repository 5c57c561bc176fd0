using System.Net;
using System.Text.Json.Nodes;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Http;

[Collection(WebWorkerGroup.Name)]
public sealed class ChatEndpointsTests
{
    private const string Path = "/v1/chat/completions";

    [Fact]
    public async Task Chat_WholeAnswer_IsACompletion()
    {
        await using var worker = await HttpWorker.StartAsync();

        var completion = await worker.ChatAsync(HttpWorker.Chat("hello"));

        completion["object"]!.GetValue<string>().ShouldBe("chat.completion");
        completion["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldBe("hello|");
        completion["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("stop");
        completion["usage"]!["total_tokens"]!.GetValue<int>().ShouldBe(7);
    }

    [Fact]
    public async Task Chat_Streamed_BeginsWithTheRoleAndEndsWithReasonAndUsage()
    {
        await using var worker = await HttpWorker.StartAsync();

        var chunks = await worker.EventsAsync(Path, HttpWorker.Chat("hello", "\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        chunks.Length.ShouldBe(3);
        chunks.Select(chunk => chunk["object"]!.GetValue<string>()).ShouldAllBe(kind => kind == "chat.completion.chunk");
        chunks.Select(chunk => chunk["id"]!.GetValue<string>()).Distinct().ShouldHaveSingleItem();
        chunks[0]["choices"]![0]!["delta"]!.ToJsonString().ShouldBe("""{"role":"assistant","content":""}""");
        chunks[0]["choices"]![0]!["finish_reason"].ShouldBeNull();
        chunks[1]["choices"]![0]!["delta"]!.ToJsonString().ShouldBe("""{"content":"hello|"}""");
        chunks[1]["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("stop");
        chunks[1]["usage"].ShouldBeNull();
        chunks[2]["choices"]!.AsArray().ShouldBeEmpty();
        chunks[2]["usage"]!["total_tokens"]!.GetValue<int>().ShouldBe(7);
    }

    [Fact]
    public async Task Chat_StreamedToolCalls_AreOneDeltaEach()
    {
        await using var worker = await HttpWorker.StartAsync();

        var chunks = await worker.EventsAsync(Path, HttpWorker.Chat("tools", "\"stream\":true"));

        chunks[0]["choices"]![0]!["delta"]!.ToJsonString().ShouldBe("""{"role":"assistant"}""");
        JsonNode.DeepEquals(
            chunks[1]["choices"]![0]!["delta"],
            JsonNode.Parse("""{"tool_calls":[{"index":0,"id":"abcdefghi","type":"function","function":{"name":"look","arguments":"{\"at\":1}"}}]}""")).ShouldBeTrue();
        chunks[1]["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("tool_calls");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Chat_EngineRefuses_IsAnErrorAndNoStream(string stream)
    {
        await using var worker = await HttpWorker.StartAsync();

        using var response = await worker.PostAsync(Path, HttpWorker.Chat("too long", $"\"stream\":{stream}"));

        (await response.ErrorAsync(HttpStatusCode.BadRequest))["code"]!.GetValue<string>().ShouldBe("context_length_exceeded");
    }
}
