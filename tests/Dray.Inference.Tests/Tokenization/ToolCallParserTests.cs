using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class ToolCallParserTests
{
    [Fact]
    public void Parse_TextOnly_HasNoCalls()
    {
        var answer = Parse(Tokenizers.Demo, "It spells [TOOL_CALLS].", "</s>", "more");

        answer.Content.ShouldBe("It spells [TOOL_CALLS].");
        answer.CallsTools.ShouldBeFalse();
    }

    [Fact]
    public void Parse_TwoCalls_KeepsArgumentsVerbatimAndValidIds()
    {
        var answer = Parse(
            Tokenizers.Demo, "[TOOL_CALLS]", "f", "[CALL_ID]", "abcDEF123", "[ARGS]", "{ \"a\" :1}", "[TOOL_CALLS]", "g", "[ARGS]", "{'not json'", "</s>");

        answer.Content.ShouldBeNull();
        answer.CallsTools.ShouldBeTrue();
        answer.ToolCalls[0].ShouldBe(new ToolCall("abcDEF123", "f", "{ \"a\" :1}"));
        (answer.ToolCalls[1].Name, answer.ToolCalls[1].Arguments).ShouldBe(("g", "{'not json'"));
    }

    [Fact]
    public void Parse_CallsWithoutIds_GetTheSameIdsFromTheSameSeed()
    {
        string[] Ids(int seed) =>
            [.. Parse(Tokenizers.Demo, seed, "[TOOL_CALLS]", "f", "[ARGS]", "{}", "[TOOL_CALLS]", "g", "[ARGS]", "{}").ToolCalls.Select(call => call.Id)];

        Ids(1).ShouldBe(Ids(1));
        Ids(1).ShouldNotBe(Ids(2));
        Ids(1).ShouldAllBe(id => ToolCallIds.IsValid(id));
        Ids(1).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData("f{\"a\": 1}", "f", "{\"a\": 1}")]
    [InlineData("f", null, null)]
    public void Parse_CallWithoutArgsToken_EndsItsNameAtTheBrace(string call, string? name, string? arguments)
    {
        var answer = Parse(Tokenizers.Demo, "Hm.", "[TOOL_CALLS]", call);

        answer.Content.ShouldBe("Hm.");
        answer.CallsTools.ShouldBe(name is not null);
        answer.ToolCalls.Select(made => made.Name).ShouldBe(name is null ? [] : [name]);
        answer.ToolCalls.Select(made => made.Arguments).ShouldBe(arguments is null ? [] : [arguments]);
    }

    [Theory]
    [InlineData(TekkenVersion.V3)]
    [InlineData(TekkenVersion.V7)]
    public void Parse_JsonListOfOldVersions_GivesItsCalls(TekkenVersion version)
    {
        var answer = Parse(
            Tokenizers.DemoAs(version), "Text", "[TOOL_CALLS]", """[{"name": "f", "arguments": {"a":1.50}, "id": "abcDEF123"}, {"name": "g", "arguments": {}}, 5]""", "</s>");

        answer.Content.ShouldBe("Text");
        answer.ToolCalls.Count.ShouldBe(2);
        answer.ToolCalls[0].ShouldBe(new ToolCall("abcDEF123", "f", "{\"a\": 1.5}"));
        ToolCallIds.IsValid(answer.ToolCalls[1].Id).ShouldBeTrue();
    }

    [Theory]
    [InlineData("[{\"name\": \"f\"")]
    [InlineData("{\"name\": \"f\", \"arguments\": {}}")]
    public void Parse_NoJsonListAtOldVersions_StaysText(string list)
    {
        var answer = Parse(Tokenizers.DemoAs(TekkenVersion.V7), "Text ", "[TOOL_CALLS]", list);

        answer.Content.ShouldBe("Text " + list);
        answer.CallsTools.ShouldBeFalse();
    }

    private static ParsedAnswer Parse(TekkenTokenizer tokenizer, params string[] segments) => Parse(tokenizer, 1, segments);

    private static ParsedAnswer Parse(TekkenTokenizer tokenizer, int seed, params string[] segments)
    {
        int[] ids = [.. segments.SelectMany(segment => tokenizer.TryGetSpecial(segment, out var id) ? [id] : tokenizer.Encode(segment))];
        return new ToolCallParser(tokenizer).Parse(ids, new Random(seed));
    }
}
