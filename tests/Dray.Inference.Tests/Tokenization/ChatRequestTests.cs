using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class ChatRequestTests
{
    [Fact]
    public void Parse_AllKindsOfMessages_ReadsThem()
    {
        var request = Parse("""
            {"model":"m","temperature":1,"messages":[
              {"role":"developer","content":"S"},
              {"role":"user","content":[{"type":"text","text":"U"},{"type":"image_url","image_url":{"url":"https://example.org/a.png","detail":"low"}}]},
              {"role":"assistant","tool_calls":[{"id":"call_abcdefghijk","function":{"name":"f","arguments":null}}]},
              {"role":"tool","tool_call_id":"call_abcdefghijk","name":"f","content":[{"type":"text","text":"R"}]}],
             "tools":[{"type":"function","function":{"name":"f","strict":true}}],"tool_choice":"auto"}
            """);

        request.Messages.Select(message => message.Role).ShouldBe([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool]);
        request.Messages[1].Content.ShouldBe([new TextPart("U"), new ImagePart("https://example.org/a.png")]);
        request.Messages[2].Content.ShouldBeEmpty();
        request.Messages[2].ToolCalls.ShouldBe([new ToolCall("cdefghijk", "f", "{}")]);
        request.Messages[3].ToolCallId.ShouldBe("cdefghijk");
        request.Tools.Single().Description.ShouldBe("");
        request.Tools.Single().Parameters.GetRawText().ShouldBe("{}");
        request.ImageUrls.ShouldBe(["https://example.org/a.png"]);
        request.ContinueFinalMessage.ShouldBeFalse();
    }

    [Fact]
    public void Parse_PicturesInSeveralTurns_ListsTheirUrlsInOrder() => Parse("""
        {"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":"1"}]},
          {"role":"assistant","content":"x"},
          {"role":"user","content":[{"type":"image_url","image_url":"2"},{"type":"image_url","image_url":{"url":"3"}}]}]}
        """).ImageUrls.ShouldBe(["1", "2", "3"]);

    [Fact]
    public void Parse_DocumentThatIsDisposed_LeavesTheRequestWhole()
    {
        ChatRequest request;
        using (var document = JsonDocument.Parse("""{"messages":[{"role":"user","content":"U"}],"tools":[{"function":{"name":"f","parameters":{"type":"object"}}}]}"""))
            request = ChatRequest.Parse(document.RootElement);

        request.Tools[0].Parameters.GetProperty("type").GetString().ShouldBe("object");
    }

    [Fact]
    public void Parse_EscapedLoneSurrogate_IsKept() =>
        Parse("""{"messages":[{"role":"user","content":"a\ud83d\n"}]}""").Messages[0].Content.ShouldBe([new TextPart("a" + (char)0xD83D + "\n")]);

    [Theory]
    [InlineData("[]", "")]
    [InlineData("{}", "messages")]
    [InlineData("""{"messages":{}}""", "messages")]
    [InlineData("""{"messages":[1]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"content":"b"}]}""", "messages[1].role")]
    [InlineData("""{"messages":[{"role":"critic","content":"b"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":1,"content":"b"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":null}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0].text")]
    [InlineData("""{"messages":[{"role":"user","content":[{"text":"a"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content[0].image_url")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}""", "messages[0].content[0].image_url.url")]
    [InlineData("""{"messages":[{"role":"system","content":[{"type":"image_url","image_url":"a"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"thinking","thinking":"a"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":{}}]}""", "messages[0].tool_calls")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{}]}]}""", "messages[0].tool_calls[0].function")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f"}}]}]}""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":7,"function":{"name":"f","arguments":""}}]}]}""", "messages[0].tool_calls[0].id")]
    [InlineData("""{"messages":[{"role":"assistant","content":"a","reasoning":"b","reasoning_content":"c"}]}""", "messages[0].reasoning")]
    [InlineData("""{"messages":[{"role":"tool","content":"a"}]}""", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[],"tools":{}}""", "tools")]
    [InlineData("""{"messages":[],"tools":[{"type":"retrieval","function":{"name":"f"}}]}""", "tools[0].type")]
    [InlineData("""{"messages":[],"tools":[{"function":{"name":"f","parameters":[]}}]}""", "tools[0].function.parameters")]
    [InlineData("""{"messages":[],"tools":[{"function":{}}]}""", "tools[0].function.name")]
    [InlineData("""{"messages":[],"tool_choice":"maybe"}""", "tool_choice")]
    [InlineData("""{"messages":[],"tool_choice":{"type":"function"}}""", "tool_choice.function")]
    [InlineData("""{"messages":[],"continue_final_message":"yes"}""", "continue_final_message")]
    [InlineData("""{"messages":[{"role":"user","content":"a"}],"continue_final_message":true}""", "continue_final_message")]
    [InlineData("""{"messages":[],"reasoning_effort":3}""", "reasoning_effort")]
    public void Parse_WrongField_NamesIt(string body, string path)
    {
        var refusal = Should.Throw<RequestRejectedException>(() => Parse(body));

        refusal.Code.ShouldBe(RequestErrorCodes.InvalidRequest);
        refusal.Param.ShouldBe(path);
        refusal.Message.ShouldEndWith(".");
    }

    [Fact]
    public void Parse_MoreMessagesThanAllowed_IsRefused()
    {
        var messages = string.Join(',', Enumerable.Repeat("""{"role":"user","content":"a"}""", 10_001));
        Should.Throw<RequestRejectedException>(() => Parse($$"""{"messages":[{{messages}}]}""")).Message.ShouldContain("10000");
    }

    [Fact]
    public void Parse_TextThatIsNotUtf8_IsRefused()
    {
        var body = """{"messages":[{"role":"user","content":"?"}]}"""u8.ToArray();
        body[body.AsSpan().IndexOf((byte)'?')] = 0xFF;
        Should.Throw<RequestRejectedException>(() => ChatRequest.Parse(JsonElement.Parse(body)))
            .Code.ShouldBe(RequestErrorCodes.InvalidRequest);
    }

    private static ChatRequest Parse(string body) => ChatRequest.Parse(JsonElement.Parse(body));
}
