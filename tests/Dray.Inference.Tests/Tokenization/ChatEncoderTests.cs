using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class ChatEncoderTests
{
    private const string Tool =
        """{"type":"function","function":{"name":"add","description":"Adds","parameters":{"type":"object"}}}""";

    private const string ToolText =
        """[AVAILABLE_TOOLS][{"type": "function", "function": {"name": "add", "description": "Adds", "parameters": {"type": "object"}}}][/AVAILABLE_TOOLS]""";

    /// <summary>Two rounds with two calls whose results come in the wrong order.</summary>
    private const string Conversation = $$$"""
        {"messages":[
          {"role":"system","content":"S"},
          {"role":"user","content":"U1"},
          {"role":"assistant","content":null,"tool_calls":[
            {"id":"123456789","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},
            {"id":"abcdefghi","type":"function","function":{"name":"g","arguments":""}}]},
          {"role":"tool","tool_call_id":"abcdefghi","content":"two"},
          {"role":"tool","tool_call_id":"123456789","content":"{\"one\":1}"},
          {"role":"assistant","content":"A "},
          {"role":"user","content":"U2"}],
         "tools":[{{{Tool}}}]}
        """;

    [Fact]
    public void Encode_FixtureRequests_WritesUpstreamsPrompts()
    {
        var encoder = new ChatEncoder(Tokenizers.Demo);
        foreach (var row in Fixture.Rows("chat.jsonl").Where(row => row.TryGetProperty("text", out _)))
        {
            var name = row.GetProperty("name").GetString();
            var grids = row.GetProperty("grids").EnumerateArray()
                .Select(grid => new ImageGrid(grid[0].GetInt32(), grid[1].GetInt32())).ToArray();

            var prompt = encoder.Encode(ChatRequest.Parse(row.GetProperty("request")), grids);

            Tokenizers.Demo.Decode(prompt.Ids, SpecialTokenPolicy.Keep).ShouldBe(row.GetProperty("text").GetString(), name);
            prompt.Images.Select(image => image.Grid).ShouldBe(grids, name);
        }
    }

    [Fact]
    public void Encode_FixtureRequestsThatAreRefused_StartsWithUpstreamsWords()
    {
        var encoder = new ChatEncoder(Tokenizers.Demo);
        foreach (var row in Fixture.Rows("chat.jsonl").Where(row => row.TryGetProperty("error", out _)))
        {
            var refusal = Should.Throw<RequestRejectedException>(
                () =>
                {
                    var request = ChatRequest.Parse(row.GetProperty("request"));
                    encoder.Encode(request, [.. request.ImageUrls.Select(_ => new ImageGrid(1, 1))]);
                },
                row.GetProperty("name").GetString());
            refusal.Message.ShouldStartWith(row.GetProperty("error").GetString()!);
            refusal.Message.ShouldEndWith(".");
            refusal.Param.ShouldNotBeNull();
        }
    }

    [Theory]
    [InlineData(TekkenVersion.V3,
        "<s>[INST]U1[/INST][TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"id\": \"123456789\"}, {\"name\": \"g\", \"arguments\": {}, \"id\": \"abcdefghi\"}]</s>" +
        "[TOOL_RESULTS]{\"content\": \"two\", \"call_id\": \"abcdefghi\"}[/TOOL_RESULTS]" +
        "[TOOL_RESULTS]{\"content\": {\"one\": 1}, \"call_id\": \"123456789\"}[/TOOL_RESULTS]A</s>" + ToolText + "[INST]S\n\nU2[/INST]")]
    [InlineData(TekkenVersion.V7,
        "<s>[SYSTEM_PROMPT]S[/SYSTEM_PROMPT][INST]U1[/INST]" +
        "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"id\": \"123456789\"}, {\"name\": \"g\", \"arguments\": {}, \"id\": \"abcdefghi\"}]</s>" +
        "[TOOL_RESULTS]abcdefghi[TOOL_CONTENT]two[/TOOL_RESULTS][TOOL_RESULTS]123456789[TOOL_CONTENT]{\"one\":1}[/TOOL_RESULTS]A</s>" +
        ToolText + "[INST]U2[/INST]")]
    [InlineData(TekkenVersion.V11,
        "<s>[SYSTEM_PROMPT]S[/SYSTEM_PROMPT][INST]U1[/INST]" +
        "[TOOL_CALLS]f[CALL_ID]123456789[ARGS]{\"a\": 1}[TOOL_CALLS]g[CALL_ID]abcdefghi[ARGS]{}</s>" +
        "[TOOL_RESULTS]123456789[TOOL_CONTENT]{\"one\":1}[/TOOL_RESULTS][TOOL_RESULTS]abcdefghi[TOOL_CONTENT]two[/TOOL_RESULTS]A</s>" +
        ToolText + "[INST]U2[/INST]")]
    [InlineData(TekkenVersion.V13,
        "<s>[SYSTEM_PROMPT]S[/SYSTEM_PROMPT]" + ToolText + "[INST]U1[/INST][TOOL_CALLS]f[ARGS]{\"a\": 1}[TOOL_CALLS]g[ARGS]{}</s>" +
        "[TOOL_RESULTS]{\"one\":1}[/TOOL_RESULTS][TOOL_RESULTS]two[/TOOL_RESULTS]A</s>[INST]U2[/INST]")]
    public void Encode_ToolConversation_IsWrittenInTheVersionsForm(TekkenVersion version, string text) =>
        Written(version, Conversation).ShouldBe(text);

    [Theory]
    [InlineData("""[{"role":"system","content":"S"}]""", "<s>[INST]S\n\n[/INST]")]
    [InlineData("""[{"role":"system","content":"S"},{"role":"assistant","content":"A"},{"role":"user","content":"U"}]""", "<s>[INST][/INST]A</s>[INST]S\n\nU[/INST]")]
    [InlineData("""[{"role":"user","content":"U"},{"role":"system","content":"S1"},{"role":"system","content":"S2"},{"role":"user","content":"V"}]""", "<s>[INST]U[/INST][INST]S1\n\nS2\n\nV[/INST]")]
    [InlineData("""[{"role":"system","content":""},{"role":"user","content":"U"}]""", "<s>[INST]U[/INST]")]
    public void Encode_SystemMessagesAtV3_GoIntoTheLastUserTurn(string messages, string text) =>
        Written(TekkenVersion.V3, $$"""{"messages":{{messages}}}""").ShouldBe(text);

    [Fact]
    public void Encode_PictureAndSystemMessageAtV3_PutsTheSystemTextFirst() =>
        Written(
            TekkenVersion.V3,
            """{"messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"U"},{"type":"image_url","image_url":"a.png"}]}]}""",
            new ImageGrid(1, 2)).ShouldBe("<s>[INST]S\n\n[IMG][IMG_BREAK][IMG][IMG_END]U[/INST]");

    [Fact]
    public void Encode_ReasoningAtV13_StandsBetweenItsTokens() =>
        Written(
            TekkenVersion.V13,
            """
            {"messages":[
              {"role":"system","content":[{"type":"text","text":"S1"},{"type":"thinking","thinking":"T"},{"type":"text","text":"S2"}]},
              {"role":"user","content":"U"},{"role":"assistant","content":"A  ","reasoning_content":"R"},{"role":"user","content":"V"}]}
            """).ShouldBe("<s>[SYSTEM_PROMPT]S1[THINK]T[/THINK]S2[/SYSTEM_PROMPT][INST]U[/INST][THINK]R[/THINK]A  </s>[INST]V[/INST]");

    [Theory]
    [InlineData(TekkenVersion.V3, "Assistant message must have either content or tool_calls")]
    [InlineData(TekkenVersion.V7, null)]
    public void Encode_TextAndCall_IsRefusedAtV3Only(TekkenVersion version, string? words)
    {
        const string request = """
            {"messages":[{"role":"user","content":"U"},
              {"role":"assistant","content":"A","tool_calls":[{"id":"123456789","function":{"name":"f","arguments":{"a":1.0}}}]},
              {"role":"tool","tool_call_id":"123456789","content":"R"}]}
            """;
        if (words is null)
        {
            Written(version, request).ShouldBe(
                "<s>[INST]U[/INST]A[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1.0}, \"id\": \"123456789\"}]</s>" +
                "[TOOL_RESULTS]123456789[TOOL_CONTENT]R[/TOOL_RESULTS]");
            return;
        }

        Should.Throw<RequestRejectedException>(() => Written(version, request)).Message.ShouldStartWith(words);
    }

    [Theory]
    [InlineData(TekkenVersion.V3)]
    [InlineData(TekkenVersion.V7)]
    public void Encode_ReasoningBeforeV11_IsRefused(TekkenVersion version) =>
        Should.Throw<RequestRejectedException>(() => Written(
            version, """{"messages":[{"role":"user","content":"U"},{"role":"assistant","content":"A","reasoning":"R"},{"role":"user","content":"V"}]}"""))
            .Param.ShouldBe("messages[1].content");

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Encode_OtherNumberOfPicturesThanReferredTo_IsRefused(int pictures) =>
        Should.Throw<RequestRejectedException>(() => Written(
            TekkenVersion.V11,
            """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":"a.png"}]}]}""",
            [.. Enumerable.Repeat(new ImageGrid(1, 1), pictures)])).Message.ShouldContain($"1 pictures but {pictures}");

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, -1)]
    [InlineData(100_000, 100_000)]
    public void Encode_GridWithoutOrWithTooManyTokens_Throws(int columns, int rows) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Written(
            TekkenVersion.V11,
            """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":"a.png"}]}]}""",
            new ImageGrid(columns, rows)));

    [Fact]
    public void Encode_Pictures_TellsWhereTheirTokensAre()
    {
        var request = ChatRequest.Parse(JsonElement.Parse(
            """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":"a.png"},{"type":"text","text":"A"},{"type":"image_url","image_url":"b.png"},{"type":"text","text":"B"}]}]}"""));

        var prompt = new ChatEncoder(Tokenizers.Demo).Encode(request, [new ImageGrid(2, 1), new ImageGrid(1, 2)]);

        prompt.Images.ShouldBe([new ImageSpan(2, new ImageGrid(2, 1)), new ImageSpan(6, new ImageGrid(1, 2))]);
        prompt.Ids.ShouldBe([1, 3, 10, 10, 13, 64 + 'A', 10, 12, 10, 13, 64 + 'B', 4]);
    }

    private static string Written(TekkenVersion version, string request, params ImageGrid[] images)
    {
        var tokenizer = version == TekkenVersion.V11 ? Tokenizers.Demo : Tokenizers.DemoAs(version);
        var prompt = new ChatEncoder(tokenizer).Encode(ChatRequest.Parse(JsonElement.Parse(request)), images);
        return tokenizer.Decode(prompt.Ids, SpecialTokenPolicy.Keep);
    }
}
