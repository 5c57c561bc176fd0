using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Sampling.Grammar;

public sealed class StructuredOutputTests
{
    private const string Tool = """{"type":"function","function":{"name":"f","parameters":{"type":"object"},"strict":true}}""";

    [Fact]
    public void Parse_NothingAsked_IsFreeTextWithToolsAtWill()
    {
        var output = Parse("{}");

        (output.Kind, output.Tools, output.ParallelToolCalls).ShouldBe((StructuredOutputKind.Text, ToolUse.Auto, true));
    }

    [Theory]
    [InlineData("""{"response_format":{"type":"text"}}""", StructuredOutputKind.Text)]
    [InlineData("""{"response_format":{"type":"json_object"}}""", StructuredOutputKind.JsonObject)]
    [InlineData("""{"response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{}}}}""", StructuredOutputKind.JsonSchema)]
    [InlineData("""{"guided_json":{"type":"null"}}""", StructuredOutputKind.JsonSchema)]
    [InlineData("""{"guided_json":"{\"type\":\"null\"}"}""", StructuredOutputKind.JsonSchema)]
    [InlineData("""{"structured_outputs":{"json":{}}}""", StructuredOutputKind.JsonSchema)]
    [InlineData("""{"structured_outputs":{"json_object":true}}""", StructuredOutputKind.JsonObject)]
    [InlineData("""{"guided_regex":"a+"}""", StructuredOutputKind.Regex)]
    [InlineData("""{"structured_outputs":{"regex":"a+"}}""", StructuredOutputKind.Regex)]
    [InlineData("""{"guided_choice":["a","b"]}""", StructuredOutputKind.Choice)]
    [InlineData("""{"structured_outputs":{"choice":["a"]}}""", StructuredOutputKind.Choice)]
    public void Parse_Forms_AreRead(string body, StructuredOutputKind kind) => Parse(body).Kind.ShouldBe(kind);

    [Theory]
    [InlineData("\"none\"", ToolUse.None)]
    [InlineData("\"auto\"", ToolUse.Auto)]
    [InlineData("\"any\"", ToolUse.Required)]
    [InlineData("\"required\"", ToolUse.Required)]
    [InlineData("""{"type":"function","function":{"name":"f"}}""", ToolUse.Named)]
    public void Parse_ToolChoice_IsRead(string choice, ToolUse use)
    {
        var output = Parse($$"""{"tools":[{{Tool}}],"tool_choice":{{choice}},"parallel_tool_calls":false}""");

        (output.Tools, output.ParallelToolCalls, output.StrictTools.Single()).ShouldBe((use, false, "f"));
    }

    [Theory]
    [InlineData("""{"response_format":{"type":"xml"}}""", "response_format.type")]
    [InlineData("""{"response_format":{"type":"json_schema"}}""", "response_format.json_schema")]
    [InlineData("""{"response_format":{"type":"json_schema","json_schema":{"name":"a"}}}""", "response_format.json_schema.schema")]
    [InlineData("""{"response_format":{"type":"json_object"},"guided_choice":["a"]}""", "guided_choice")]
    [InlineData("""{"structured_outputs":{"regex":"a","choice":["a"]}}""", "structured_outputs.choice")]
    [InlineData("""{"structured_outputs":{"grammar":"root ::= x"}}""", "structured_outputs.grammar")]
    [InlineData("""{"guided_grammar":"root ::= x"}""", "guided_grammar")]
    [InlineData("""{"guided_choice":[]}""", "guided_choice")]
    [InlineData("""{"guided_choice":["a",""]}""", "guided_choice[1]")]
    [InlineData("""{"guided_json":"{"}""", "guided_json")]
    [InlineData("""{"guided_json":[]}""", "guided_json")]
    [InlineData("""{"tool_choice":"required"}""", "tool_choice")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"g"}}}""", "tool_choice")]
    public void Parse_Wrong_IsRefusedByField(string body, string param) =>
        Should.Throw<RequestRejectedException>(() => Parse(body)).Param.ShouldBe(param);

    private static StructuredOutput Parse(string fields)
    {
        var body = JsonElement.Parse(fields.Length == 2 ? """{"messages":[]}""" : $$"""{"messages":[],{{fields[1..]}}""");
        return StructuredOutput.Parse(body, new ChatRequest { Messages = [], Tools = Tools(body) });
    }

    private static ChatTool[] Tools(JsonElement body) => body.TryGetProperty("tools", out var tools)
        ? [.. tools.EnumerateArray().Select(tool => new ChatTool(tool.GetProperty("function").GetProperty("name").GetString()!, "", JsonElement.Parse("{}")))]
        : [];
}
