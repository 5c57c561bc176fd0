using System.Text.Json;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// Writes lists of a schema into a grammar. A schema that lists its first items and doesn't mention others gets none, unless it asks for more.
/// </summary>
internal sealed class ArrayWriter(GrammarBuilder builder, SchemaCompiler compiler, FreeJsonWriter freeJson)
{
    public void Write(SchemaNode schema, int from, int to)
    {
        var least = schema["minItems"]?.Count() ?? 0;
        var most = schema["maxItems"]?.Count() ?? int.MaxValue;
        if (most < least) throw schema["maxItems"]!.Value.Refused($"is {most}, less than the {least} of 'minItems'");
        var first = schema["prefixItems"]?.Items() ?? [];
        var rest = Rest(schema, first.Count, least);
        if (rest is null && least > first.Count)
            throw schema["minItems"]!.Value.Refused($"is {least}, but only {first.Count} items are allowed");

        var (state, close) = (builder.State(), builder.State());
        builder.Byte(from, '[', state);
        builder.Byte(close, ']', to);
        for (var i = 0; i < first.Count && i < most; i++)
        {
            if (i >= least) builder.Empty(state, close);
            var next = builder.State();
            compiler.Value(first[i], i == 0 ? state : builder.Separator(state, ','), next);
            state = next;
        }

        if (first.Count >= least || most == first.Count) builder.Empty(state, close);
        if (rest is { } items && most > first.Count) WriteRest(items, first.Count == 0, Remaining(least), Remaining(most), state, close);

        int Remaining(int count) => count == int.MaxValue ? count : Math.Max(0, count - first.Count);
    }

    private void WriteRest(SchemaNode items, bool isFirst, int least, int most, int from, int close)
    {
        var (start, loop, comma, item) = (builder.State(), builder.State(), builder.State(), builder.State());
        builder.Count(from, Math.Max(1, least), most, start, close);
        builder.Iterate(start, isFirst ? item : comma);
        builder.Iterate(loop, comma);
        builder.Exit(loop);
        builder.Empty(builder.Separator(comma, ','), item);
        if (items.Value.ValueKind == JsonValueKind.True) freeJson.Value(item, loop);
        else compiler.Value(items, item, loop);
    }

    private static SchemaNode? Rest(SchemaNode schema, int first, int least)
    {
        if (schema["items"] is not { } items)
            return first > 0 && least <= first ? null : new SchemaNode(JsonElement.Parse("true"), $"{schema.Path}.items");
        return items.Value.ValueKind switch
        {
            JsonValueKind.False => null,
            JsonValueKind.Array => throw items.Refused("is a list; use 'prefixItems' for the first items and 'items' for the others"),
            _ => items,
        };
    }
}
