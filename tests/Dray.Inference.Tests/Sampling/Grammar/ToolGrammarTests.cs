using System.Text.Json;
using Dray.Inference.Sampling.Grammar;
using Dray.Inference.Tests.Tokenization;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Sampling.Grammar;

public sealed class ToolGrammarTests
{
    private const string Get = """{"type":"function","function":{"name":"get","parameters":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}}""";
    private const string GetTime = """{"type":"function","function":{"name":"get_time","parameters":{}}}""";

    [Theory]
    [InlineData("\"required\"", true, "[TOOL_CALLS]get[ARGS]{\"n\": 1}</s>")]
    [InlineData("\"required\"", true, "[TOOL_CALLS]get[CALL_ID]aB3456789[ARGS]{\"n\":1}[TOOL_CALLS]get_time[ARGS]{}</s>")]
    [InlineData("\"auto\"", true, "Hello [TOOL_CALLS]get_time[ARGS]{\"x\": [1]}</s>")]
    [InlineData("\"auto\"", true, "Hello</s>")]
    [InlineData("\"none\"", true, "Hello</s>")]
    [InlineData("""{"type":"function","function":{"name":"get"}}""", false, "[TOOL_CALLS]get[ARGS]{\"n\": 1}</s>")]
    public void Constrain_ProperAnswer_IsLet(string choice, bool isParallel, string answer) => FirstForbidden(choice, isParallel, answer).ShouldBe(-1);

    [Theory]
    [InlineData("\"required\"", true, "Hello</s>", 0)]
    [InlineData("\"required\"", true, "</s>", 0)]
    [InlineData("\"required\"", true, "[TOOL_CALLS]put[ARGS]{}</s>", 1)]
    [InlineData("\"required\"", false, "[TOOL_CALLS]get_time[ARGS]{}[TOOL_CALLS]get_time[ARGS]{}</s>", -2)]
    [InlineData("\"auto\"", true, "[TOOL_CALLS]get[ARGS]{\"m\": 1}</s>", -2)]
    [InlineData("\"none\"", true, "[TOOL_CALLS]get[ARGS]{\"n\": 1}</s>", 0)]
    [InlineData("""{"type":"function","function":{"name":"get"}}""", true, "[TOOL_CALLS]get_time[ARGS]{}</s>", -2)]
    public void Constrain_ImproperAnswer_IsStopped(string choice, bool isParallel, string answer, int at)
    {
        var first = FirstForbidden(choice, isParallel, answer);

        first.ShouldNotBe(-1);
        if (at >= 0) first.ShouldBe(at);
    }

    [Fact]
    public void Constrain_ToolSchemaThatCannotBeHeld_IsFreeJsonUnlessItMustBeHeld()
    {
        const string Schema = """{"type":"object","properties":{"n":{"type":"integer","multipleOf":2}}}""";
        var loose = $$$"""{"type":"function","function":{"name":"get","parameters":{{{Schema}}}}}""";
        var strict = $$$"""{"type":"function","function":{"name":"get","strict":true,"parameters":{{{Schema}}}}}""";

        Constrain($"[{loose}]", "\"auto\"", true).ShouldNotBeNull();
        Should.Throw<RequestRejectedException>(() => Constrain($"[{strict}]", "\"auto\"", true)).Param.ShouldBe("tools[0].function.parameters.properties.n.multipleOf");
        Should.Throw<RequestRejectedException>(() => Constrain($"[{loose}]", "\"required\"", true)).Code.ShouldBe(RequestErrorCodes.SchemaInvalid);
    }

    [Fact]
    public void Constrain_OldTokenizer_CannotForceCalls()
    {
        var tokenizer = Tokenizers.DemoAs(TekkenVersion.V7);
        var cache = new GrammarCache(tokenizer, [tokenizer.Eos]);
        var (output, tools) = Read($"[{Get}]", "\"required\"", true);

        Should.Throw<RequestRejectedException>(() => cache.Constrain(output, tools)).Param.ShouldBe("tool_choice");
        cache.Constrain(output with { Tools = ToolUse.Auto }, tools).ShouldBeNull();
    }

    [Fact]
    public void Constrain_SameSchemaTwice_IsCompiledOnceAndKeptWithinBounds()
    {
        var cache = new GrammarCache(Tokenizers.Demo, [Tokenizers.Demo.Eos]);
        for (var i = 0; i < 300; i++)
        {
            var output = new StructuredOutput { Kind = StructuredOutputKind.Choice, Choices = [$"{i / 2}"] };
            cache.Constrain(output, []).ShouldNotBeNull();
            cache.Count.ShouldBe(Math.Min(128, (i / 2) + 1));
        }
    }

    private static ITokenConstraint? Constrain(string tools, string choice, bool isParallel)
    {
        var (output, read) = Read(tools, choice, isParallel);
        return new GrammarCache(Tokenizers.Demo, [Tokenizers.Demo.Eos]).Constrain(output, read);
    }

    private static (StructuredOutput Output, IReadOnlyList<ChatTool> Tools) Read(string tools, string choice, bool isParallel)
    {
        var body = JsonElement.Parse(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":" + tools + ",\"tool_choice\":" + choice
            + ",\"parallel_tool_calls\":" + (isParallel ? "true" : "false") + "}");
        var chat = ChatRequest.Parse(body);
        return (StructuredOutput.Parse(body, chat), chat.Tools);
    }

    /// <summary>The place of the first token that may not stand where it does, or −1.</summary>
    private static int FirstForbidden(string choice, bool isParallel, string answer)
    {
        var constraint = Constrain($"[{Get},{GetTime}]", choice, isParallel)!;
        var ids = Ids(answer);
        for (var i = 0; i < ids.Count; i++)
        {
            var logits = new float[Tokenizers.Demo.VocabularySize];
            constraint.Mask(logits);
            if (float.IsNegativeInfinity(logits[ids[i]])) return i;
            constraint.Accept(ids[i]);
        }

        return -1;
    }

    private static List<int> Ids(string answer)
    {
        var ids = new List<int>();
        var names = new[] { "[TOOL_CALLS]", "[CALL_ID]", "[ARGS]", "</s>" };
        while (answer.Length > 0)
        {
            var next = names.Select(name => (name, At: answer.IndexOf(name, StringComparison.Ordinal))).Where(found => found.At >= 0).MinBy(found => found.At);
            ids.AddRange(Tokenizers.Demo.Encode(answer.AsSpan(0, next.At)));
            ids.Add(Tokenizers.Demo.Special(next.name));
            answer = answer[(next.At + next.name.Length)..];
        }

        return ids;
    }
}
