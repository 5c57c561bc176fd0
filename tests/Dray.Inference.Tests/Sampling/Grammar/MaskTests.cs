using System.Buffers;
using Dray.Inference.Sampling.Grammar;

namespace Dray.Inference.Tests.Sampling.Grammar;

public sealed class MaskTests
{
    private static readonly SearchValues<byte> Structural = SearchValues.Create("\"{}[],:."u8);

    private const string Tools =
        """{"messages":[{"role":"user","content":"x"}],"tool_choice":"required","tools":[{"type":"function","function":{"name":"get","parameters":{"type":"object"}}},{"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]}""";

    public static TheoryData<string> Bodies { get; } =
    [
        """{"response_format":{"type":"json_object"}}""",
        """{"structured_outputs":{"choice":["yes","yesterday","no"]}}""",
        """{"structured_outputs":{"regex":"[a-zà-ü ]{3,40}(\\.|!)+"}}""",
        """{"guided_json":{"type":"string","maxLength":30}}""",
        """{"guided_json":{"type":"string","minLength":3,"maxLength":5000}}""",
        """{"guided_json":{"type":"array","minItems":2,"maxItems":60,"items":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a"]}}}""",
        """{"guided_json":{"type":"object","properties":{"n":{"type":"number"},"d":{"type":"string","format":"date"}},"additionalProperties":{"type":"array","items":{"type":"string","maxLength":2}}}}""",
        """{"guided_json":{"$ref":"#/$defs/n","$defs":{"n":{"type":"object","properties":{"v":{"enum":["a","b c"]},"kids":{"type":"array","items":{"$ref":"#/$defs/n"},"maxItems":3}},"required":["v"]}}}}""",
        """{"guided_json":{"anyOf":[{"type":"object","properties":{"k":{"const":"a"},"x":{"type":"array","items":{"type":"array"}}},"required":["k","x"]},{"type":"object","properties":{"k":{"const":"ab"}},"required":["k"]}]}}""",
        Tools,
    ];

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Mask_RandomStates_AreThoseOfEveryTokenByItself(string body)
    {
        var vocabulary = Grammars.Vocabulary;
        var random = new Random(7);
        var grammar = Grammars.Compile(body);
        for (var round = 0; round < 6; round++)
        {
            var state = grammar.Start;
            for (var step = 0; step < 40; step++)
            {
                var mask = grammar.Mask(state);
                var allowed = Enumerable.Range(0, vocabulary.Tokenizer.VocabularySize).Where(id => TokenMask.Contains(mask, id)).ToArray();

                allowed.ShouldBe(OneByOne(grammar, state));

                allowed = [.. allowed.Where(id => !vocabulary.IsEnd(id))];
                if (allowed.Length == 0) break;
                // Rare tokens first: those that close something are few.
                var structural = allowed.Where(id => vocabulary.Tokenizer.TokenBytes(id).Span.IndexOfAny(Structural) >= 0).ToArray();
                if (structural.Length > 0 && random.Next(2) == 0) allowed = structural;
                state = grammar.Next(state, allowed[random.Next(allowed.Length)]);
            }
        }
    }

    [Fact]
    public void Mask_MemoryRunsOut_StaysRight()
    {
        var builder = new GrammarBuilder("test");
        var (start, end) = (builder.State(), builder.State());
        builder.Return(end);
        new FreeJsonWriter(builder).Object(start, end);
        var grammar = new CompiledGrammar(builder.Build(start), Grammars.Vocabulary, maxBytes: 50_000);
        var random = new Random(3);
        var state = grammar.Start;
        for (var step = 0; step < 150; step++)
        {
            var allowed = OneByOne(grammar, state);
            var mask = grammar.Mask(state);
            Enumerable.Range(0, Grammars.Vocabulary.Tokenizer.VocabularySize).Where(id => TokenMask.Contains(mask, id)).ShouldBe(allowed);
            var next = grammar.Next(state, allowed[random.Next(allowed.Length)]);
            state = next == GrammarState.Dead ? grammar.Start : next;
        }

        grammar.Bytes.ShouldBeLessThan(200_000);
    }

    [Fact]
    public void Apply_LogitsLongerThanTheVocabulary_RulesOutTheRest()
    {
        var random = new Random(1);
        foreach (var vocabulary in new[] { 1, 7, 64, 70, 1000 })
        {
            var mask = new ulong[TokenMask.Words(vocabulary)];
            for (var id = 0; id < vocabulary; id++)
            {
                if (random.Next(2) == 0) TokenMask.Set(mask, id);
            }

            var logits = Enumerable.Range(0, vocabulary + 77).Select(id => id + 1f).ToArray();
            TokenMask.Apply(mask, logits);

            for (var id = 0; id < logits.Length; id++)
                logits[id].ShouldBe(id < vocabulary && TokenMask.Contains(mask, id) ? id + 1f : float.NegativeInfinity);
        }
    }

    private static int[] OneByOne(CompiledGrammar grammar, GrammarState state) =>
    [
        .. Enumerable.Range(0, Grammars.Vocabulary.Tokenizer.VocabularySize)
            .Where(id => Grammars.Vocabulary.IsEnd(id) ? state.CanEnd : grammar.Next(state, id) != GrammarState.Dead),
    ];
}
