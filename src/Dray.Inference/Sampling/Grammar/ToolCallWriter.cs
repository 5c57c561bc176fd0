using System.Text;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// Writes tool calls into a grammar: <c>[TOOL_CALLS]name[ARGS]json</c>, up to version v11 perhaps with <c>[CALL_ID]id</c> in between,
/// one or several.
/// </summary>
internal static class ToolCallWriter
{
    private const int CallIdLength = 9;

    public static void Write(
        GrammarBuilder builder, StructuredOutput output, IReadOnlyList<ChatTool> tools, TekkenTokenizer tokenizer, int from, int to)
    {
        var name = builder.State();
        builder.Special(from, tokenizer.Special("[TOOL_CALLS]"), name);
        var end = builder.State();
        builder.Empty(end, to);
        if (output.ParallelToolCalls) builder.Special(end, tokenizer.Special("[TOOL_CALLS]"), name);

        for (var i = 0; i < tools.Count; i++)
        {
            if (output.Tools == ToolUse.Named && tools[i].Name != output.ToolName) continue;
            var arguments = builder.State();
            Head(builder, builder.Literal(name, Encoding.UTF8.GetBytes(tools[i].Name)), tokenizer, arguments);
            Arguments(builder, output, tools[i], $"tools[{i}].function.parameters", arguments, end);
        }
    }

    private static void Head(GrammarBuilder builder, int from, TekkenTokenizer tokenizer, int to)
    {
        var args = tokenizer.Special("[ARGS]");
        builder.Special(from, args, to);
        if (tokenizer.Version != TekkenVersion.V11) return;
        var id = builder.State();
        builder.Special(from, tokenizer.Special("[CALL_ID]"), id);
        for (var i = 0; i < CallIdLength; i++)
        {
            var next = builder.State();
            builder.Bytes(id, '0', '9', next);
            builder.Bytes(id, 'A', 'Z', next);
            builder.Bytes(id, 'a', 'z', next);
            id = next;
        }

        builder.Special(id, args, to);
    }

    private static void Arguments(GrammarBuilder builder, StructuredOutput output, ChatTool tool, string field, int from, int to)
    {
        var schema = new SchemaNode(tool.Parameters, field);
        if (output.Tools == ToolUse.Auto && !output.StrictTools.Contains(tool.Name) && !CanHold(schema))
        {
            new FreeJsonWriter(builder).Object(from, to);
            return;
        }

        var value = builder.State();
        builder.Return(value);
        var start = builder.State();
        WriteObject(builder, schema, start, value);
        builder.Call(from, start, to);
    }

    /// <summary>Arguments are an object even where the schema doesn't say so.</summary>
    private static void WriteObject(GrammarBuilder builder, SchemaNode schema, int from, int to)
    {
        if (!schema.Members().Any(member => !SchemaKeywords.IsAnnotation(member.Name))) new FreeJsonWriter(builder).Object(from, to);
        else SchemaCompiler.Write(builder, schema, from, to);
    }

    private static bool CanHold(SchemaNode schema)
    {
        try
        {
            var builder = new GrammarBuilder(schema.Path);
            var (start, end) = (builder.State(), builder.State());
            builder.Return(end);
            WriteObject(builder, schema, start, end);
            GrammarCompiler.RequireUsable(builder, start);
            return true;
        }
        catch (RequestRejectedException)
        {
            return false;
        }
    }
}
