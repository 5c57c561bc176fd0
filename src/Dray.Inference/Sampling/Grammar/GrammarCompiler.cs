using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>Compiles what a request asks of its answer's form into a grammar.</summary>
internal static class GrammarCompiler
{
    /// <summary>The grammar of an answer, or null where its form is free.</summary>
    /// <param name="output">What the request asks.</param>
    /// <param name="tools">The functions on offer.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <exception cref="RequestRejectedException">A schema, pattern or choice can't be held.</exception>
    public static CompiledGrammar? Compile(StructuredOutput output, IReadOnlyList<ChatTool> tools, GrammarVocabulary vocabulary)
    {
        var builder = new GrammarBuilder(output.Field);
        var (start, end) = (builder.State(), builder.State());
        builder.Return(end);
        var hasContent = output.Kind != StructuredOutputKind.Text && output.Tools is not (ToolUse.Required or ToolUse.Named);
        if (hasContent) WriteContent(builder, output, start, end);

        var hasCalls = tools.Count > 0 && output.Tools != ToolUse.None && vocabulary.Tokenizer.Version >= TekkenVersion.V11;
        if (hasCalls) ToolCallWriter.Write(builder, output, tools, vocabulary.Tokenizer, start, end);
        return hasContent || hasCalls ? Finish(builder, start, vocabulary) : null;
    }

    /// <summary>Makes the automaton and refuses one that would never get anywhere.</summary>
    internal static CompiledGrammar Finish(GrammarBuilder builder, int start, GrammarVocabulary vocabulary)
    {
        var grammar = new CompiledGrammar(RequireUsable(builder, start), vocabulary);
        if (AmbiguityProbe.Multiplies(grammar))
        {
            throw new RequestRejectedException(
                RequestErrorCodes.SchemaInvalid,
                $"'{builder.Field}' is too ambiguous: nested values can be read in too many ways; let the branches of its 'anyOf' differ.",
                builder.Field);
        }

        grammar.Warm();
        return grammar;
    }

    /// <summary>Makes the automaton and refuses one that would never get anywhere.</summary>
    internal static GrammarAutomaton RequireUsable(GrammarBuilder builder, int start)
    {
        var automaton = builder.Build(start);
        if (LeftRecursion.Exists(automaton)) throw Refused("refers to itself without anything in between; such a '$ref' describes no value");
        var height = automaton.Height(start);
        if (height == GrammarHeights.Never) throw Refused("allows no value that ends; check its bounds, patterns and required properties");
        if (height > CompiledGrammar.MaxDepth) throw Refused($"needs values nested deeper than {CompiledGrammar.MaxDepth} levels; flatten it");
        return automaton;

        RequestRejectedException Refused(string what) => new(RequestErrorCodes.SchemaInvalid, $"'{builder.Field}' {what}.", builder.Field);
    }

    private static void WriteContent(GrammarBuilder builder, StructuredOutput output, int from, int to)
    {
        switch (output.Kind)
        {
            case StructuredOutputKind.JsonObject:
                new FreeJsonWriter(builder).Object(from, to);
                break;
            case StructuredOutputKind.JsonSchema:
                SchemaCompiler.Write(builder, new SchemaNode(output.Schema, output.Field), from, to);
                break;
            case StructuredOutputKind.Regex:
                new RegexAutomaton(RegexParser.Parse(output.Pattern, output.Field), isWhole: true, output.Field)
                    .Write(builder, from, to, CharacterWriter.Utf8);
                break;
            default:
                LiteralTrie.Write(builder, from, output.Choices.Select(System.Text.Encoding.UTF8.GetBytes), to);
                break;
        }
    }
}
