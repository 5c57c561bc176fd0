using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Dray.Extensions.AI.Tests;

public sealed class ChatBodyTests
{
    [Fact]
    public void From_EveryOption_HasItsName()
    {
        var options = new ChatOptions
        {
            Instructions = "Be brief.",
            ModelId = "m",
            Temperature = 0.5f,
            TopP = 0.25f,
            TopK = 4,
            MaxOutputTokens = 7,
            FrequencyPenalty = 1,
            PresencePenalty = -1,
            Seed = 11,
            StopSequences = ["\n"],
            ResponseFormat = ChatResponseFormat.Json,
            AdditionalProperties = new() { ["min_p"] = 0.125 },
        };

        Text([new ChatMessage(ChatRole.User, "hi")], options).ShouldBe(
            """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"model":"m","temperature":0.5,"top_p":0.25,"top_k":4,"max_tokens":7""" +
            ""","frequency_penalty":1,"presence_penalty":-1,"seed":11,"stop":["\n"],"response_format":{"type":"json_object"},"min_p":0.125}""");
    }

    [Fact]
    public void From_NoOptions_HasMessagesOnly() => Text([new ChatMessage(ChatRole.User, "hi")], null).ShouldBe("""{"messages":[{"role":"user","content":"hi"}]}""");

    [Fact]
    public void From_Tools_AreFunctionsWithSchemas()
    {
        var options = new ChatOptions { Tools = [Demo.Invoices([])], ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = false };
        var body = ChatBody.From([new ChatMessage(ChatRole.User, "hi")], options);

        var function = body.GetProperty("tools")[0].GetProperty("function");
        function.GetProperty("name").GetString().ShouldBe("get_invoice");
        function.GetProperty("description").GetString().ShouldBe("Look up an invoice");
        function.GetProperty("parameters").GetProperty("properties").GetProperty("number").GetProperty("type").GetString().ShouldBe("string");
        body.GetProperty("tool_choice").GetString().ShouldBe("required");
        body.GetProperty("parallel_tool_calls").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public void From_CallsAndResults_AreMessagesOfTheirOwn()
    {
        var messages = new[]
        {
            new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("a", "add", new Dictionary<string, object?> { ["x"] = 1 }), new UsageContent()]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", 3), new FunctionResultContent("b", "größer"), new FunctionResultContent("c", null)]),
            new ChatMessage(ChatRole.User, [new FunctionResultContent("d", new { Sum = 4 }), new TextContent("and now?")]),
        };

        Text(messages, null).ShouldBe(
            """{"messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"add","arguments":"{\"x\":1}"}}]},""" +
            """{"role":"tool","tool_call_id":"a","content":"3"},{"role":"tool","tool_call_id":"b","content":"größer"},{"role":"tool","tool_call_id":"c","content":""},""" +
            """{"role":"tool","tool_call_id":"d","content":"{\"sum\":4}"},{"role":"user","content":"and now?"}]}""");
    }

    [Fact]
    public void From_Pictures_AreImageUrls()
    {
        var message = new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1, 2 }, "image/png"), new UriContent("blob://scans/a.png", "image/png"), new TextContent("?")]);

        Text([message], null).ShouldBe(
            """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AQI="}},""" +
            """{"type":"image_url","image_url":{"url":"blob://scans/a.png"}},{"type":"text","text":"?"}]}]}""");
    }

    [Fact]
    public void From_WhatCannotBeSent_IsNamed()
    {
        var audio = new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "audio/wav")]);
        Should.Throw<NotSupportedException>(() => ChatBody.From([audio], null)).Message.ShouldContain("audio/wav");

        var user = new ChatMessage(ChatRole.User, "hi");
        Should.Throw<NotSupportedException>(() => ChatBody.From([user], new ChatOptions { Tools = [new HostedWebSearchTool()] })).Message.ShouldContain("HostedWebSearchTool");
        Should.Throw<NotSupportedException>(() => ChatBody.From([user], new ChatOptions { AdditionalProperties = new() { ["n"] = 2 } })).Message.ShouldContain("'n'");
        Should.Throw<NotSupportedException>(() => ChatBody.From([user], new ChatOptions { TopK = 1, AdditionalProperties = new() { ["top_k"] = 2 } })).Message.ShouldContain("'top_k'");
    }

    private static string Text(IEnumerable<ChatMessage> messages, ChatOptions? options) => ChatBody.From(messages, options).GetRawText();
}
