using Dray.Inference.Sampling.Grammar;
using Dray.Inference.Tests.Tokenization;

namespace Dray.Inference.Tests.Sampling.Grammar;

public sealed class HostileSchemaTests
{
    [Fact]
    public void Schema_OfAMegabyte_IsRefusedByItsSize()
    {
        var schema = $$"""{"enum":["{{new string('x', 1 << 20)}}"]}""";

        Grammars.Refused(schema).Message.ShouldContain("characters; at most 262144");
    }

    [Fact]
    public void Schema_NestedDeep_IsRefused()
    {
        // 60 lists, below what the JSON reader itself refuses.
        var schema = string.Concat(Enumerable.Repeat("""{"items":""", 55)) + "true" + new string('}', 55);

        Grammars.Refused(schema.Replace("{\"items", "{\"minItems\":1,\"items", StringComparison.Ordinal)).Message.ShouldContain("nested deeper than 32 levels");
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"type":"null"}]}""")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/a"}]}}}""")]
    public void Schema_CircularReferenceWithoutProgress_IsRefused(string schema) =>
        Grammars.Refused(schema).Message.ShouldContain("refers to itself");

    [Theory]
    [InlineData("""{"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]}""")]
    [InlineData("""{"type":"string","pattern":"^a{5,}$","maxLength":4}""")]
    [InlineData("""{"type":"array","items":false,"minItems":1}""")]
    public void Schema_NoFiniteValue_IsRefused(string schema) => Grammars.Refused(schema).Code.ShouldBe(RequestErrorCodes.SchemaInvalid);

    [Fact]
    public void Schema_RecursiveValue_EndsWithinTheNesting()
    {
        var grammar = Grammars.Schema("""{"type":"object","properties":{"next":{"anyOf":[{"type":"null"},{"$ref":"#"}]}},"required":["next"]}""");
        var (open, depth) = ("", 0);
        while (grammar.After(open + "{") != GrammarState.Dead)
        {
            open += "{\"next\":";
            depth++;
        }

        depth.ShouldBeInRange(10, CompiledGrammar.MaxDepth);
        grammar.Accepts($"{open}null{new string('}', depth)}").ShouldBeTrue();
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("^((a|a)*)*b$")]
    [InlineData("^(.*.*.*){20}x$")]
    public void Pattern_ThatBacktrackersChokeOn_IsFollowedInStep(string pattern)
    {
        var grammar = Grammars.Schema($$"""{"type":"string","pattern":"{{pattern}}"}""");

        var state = grammar.After("\"" + new string('a', 2_000));

        grammar.Mask(state).ShouldNotBeEmpty();
        state.ShouldNotBe(GrammarState.Dead);
    }

    [Theory]
    [InlineData("""{"type":"string","pattern":"^(((a{1,100}){1,100}){1,100}){1,100}$"}""", "states")]
    [InlineData("""{"type":"string","pattern":"a{20000}"}""", "20000")]
    [InlineData("""{"type":"string","pattern":"^[a-f]*[0-9]+$","maxLength":1000000}""", "states")]
    public void Pattern_ThatBlowsUp_IsRefused(string schema, string part) => Grammars.Refused(schema).Message.ShouldContain(part);

    [Theory]
    [InlineData("""{"anyOf":[{"type":"array","items":{"$ref":"#"}},{"type":"array","items":{"$ref":"#"},"maxItems":9}]}""")]
    [InlineData("""{"anyOf":[{"type":"object","properties":{"a":{"$ref":"#"}}},{"type":"object","properties":{"a":{"$ref":"#"},"b":{}}},{"type":"null"}]}""")]
    public void Schema_ReadingsMultiply_IsRefused(string schema) => Grammars.Refused(schema).Message.ShouldContain("too ambiguous");

    [Fact]
    public void Mask_AfterTheFirstAnswer_AllocatesNothing()
    {
        var grammar = Grammars.Schema("""{"type":"object","properties":{"a":{"type":"string","maxLength":9},"b":{"type":"array","items":{"type":"integer"}}},"required":["a","b"]}""");
        var ids = Tokenizers.Demo.Encode("{\"a\": \"some text\", \"b\": [1, 2, 33]}");
        var logits = new float[Tokenizers.Demo.VocabularySize];
        Write();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100, "the constraint itself is all that is new");

        void Write()
        {
            var constraint = new GrammarConstraint(grammar);
            foreach (var id in ids)
            {
                constraint.Mask(logits);
                constraint.Accept(id);
            }
        }
    }

    [Fact]
    public void Schema_HugeCounts_AreCountedNotUnrolled()
    {
        var grammar = Grammars.Schema("""{"type":"array","items":{"type":"string","minLength":2,"maxLength":900000000},"minItems":1,"maxItems":2000000000}""");

        grammar.Accepts("[\"ab\", \"" + new string('x', 5_000) + "\"]").ShouldBeTrue();
        grammar.Accepts("[\"a\"]").ShouldBeFalse();
        grammar.Bytes.ShouldBeLessThan(64L << 20);
    }

    [Fact]
    public void Schema_ManyOptionalProperties_CompilesAndHolds()
    {
        var properties = string.Join(",", Enumerable.Range(0, 500).Select(i => $"\"property {i}\":{{\"type\":\"integer\"}}"));
        var schema = "{\"type\":\"object\",\"properties\":{" + properties + "}}";

        var grammar = Grammars.Schema(schema);

        grammar.Accepts("{\"property 3\":1, \"property 499\":2}").ShouldBeTrue();
        grammar.Accepts("{\"property 4\":1, \"property 3\":2}").ShouldBeFalse();
    }
}
