using System.Text;
using System.Text.Json;
using Dray.Inference.Sampling.Grammar;
using Dray.Inference.Tests.Tokenization;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Sampling.Grammar;

/// <summary>Grammars over the demo model's vocabulary, and texts fed to them byte by byte.</summary>
internal static class Grammars
{
    public static GrammarVocabulary Vocabulary { get; } = new(Tokenizers.Demo, [Tokenizers.Demo.Eos]);

    public static CompiledGrammar Schema(string schema) => Compile(
        "{\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"test\", \"schema\": " + schema + "}}}");

    public static CompiledGrammar Compile(string body, GrammarVocabulary? vocabulary = null)
    {
        var parsed = JsonElement.Parse(body);
        var chat = parsed.TryGetProperty("messages", out _) ? ChatRequest.Parse(parsed) : new ChatRequest { Messages = [] };
        return GrammarCompiler.Compile(StructuredOutput.Parse(parsed, chat), chat.Tools, vocabulary ?? Vocabulary)!;
    }

    /// <summary>Whether the whole text obeys the grammar.</summary>
    public static bool Accepts(this CompiledGrammar grammar, string text) => grammar.After(text).CanEnd;

    /// <summary>The state after the text.</summary>
    public static GrammarState After(this CompiledGrammar grammar, string text)
    {
        var state = grammar.Start;
        foreach (var value in Encoding.UTF8.GetBytes(text)) state = grammar.Next(state, value);
        return state;
    }

    public static RequestRejectedException Refused(string schema) => Should.Throw<RequestRejectedException>(() => Schema(schema));
}
