using System.Text.Json;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// Writes objects of a schema into a grammar: properties in the schema's order, optional ones or not, then additional ones where the schema
/// allows them. A schema that lists properties and doesn't mention additional ones gets none.
/// </summary>
internal sealed class ObjectWriter(GrammarBuilder builder, SchemaCompiler compiler, FreeJsonWriter freeJson)
{
    public void Write(SchemaNode schema, int from, int to)
    {
        var properties = schema["properties"]?.Members() ?? [];
        var required = Required(schema);
        var isClosed = schema["additionalProperties"] is null && (properties.Count > 0 || required.Count > 0);
        var additional = Additional(schema);
        var missing = required.Where(name => properties.All(property => property.Name != name)).ToArray();
        if (missing.Length > 0 && additional is null)
        {
            throw schema["required"]!.Value.Refused(
                $"names '{missing[0]}', which isn't in 'properties', while additional properties aren't allowed; describe it there");
        }

        // Two states between properties: with nothing before, and with a property before, which a comma must follow.
        var (bare, after) = (builder.State(), builder.State());
        builder.Byte(from, '{', bare);
        foreach (var (name, value) in properties.Concat(missing.Select(name => (name, additional!.Value))))
        {
            var (key, nextBare, nextAfter) = (builder.State(), builder.State(), builder.State());
            builder.Empty(bare, key);
            builder.Empty(builder.Separator(after, ','), key);
            compiler.Value(value, builder.Separator(builder.Literal(key, JsonLiteral.Quote(name)), ':'), nextAfter);
            if (!required.Contains(name))
            {
                builder.Empty(bare, nextBare);
                builder.Empty(after, nextAfter);
            }

            (bare, after) = (nextBare, nextAfter);
        }

        if (!isClosed && additional is { } others) WriteAdditional(others, [.. properties.Select(property => property.Name), .. missing], bare, after);
        builder.Byte(bare, '}', to);
        builder.Byte(after, '}', to);
    }

    private void WriteAdditional(SchemaNode others, IReadOnlyCollection<string> names, int bare, int after)
    {
        var (key, colon) = (builder.State(), builder.State());
        builder.Empty(bare, key);
        builder.Empty(builder.Separator(after, ','), key);
        JsonStringWriter.Except(builder, key, names, colon);
        var value = builder.Separator(colon, ':');
        if (others.Value.ValueKind == JsonValueKind.True) freeJson.Value(value, after);
        else compiler.Value(others, value, after);
    }

    private static HashSet<string> Required(SchemaNode schema) =>
        schema["required"] is { } required ? [.. required.Items().Select(name => name.Text())] : [];

    /// <summary>The schema of properties that aren't listed, or null where there may be none.</summary>
    private static SchemaNode? Additional(SchemaNode schema)
    {
        if (schema["additionalProperties"] is not { } given) return new SchemaNode(JsonElement.Parse("true"), $"{schema.Path}.additionalProperties");
        return given.Value.ValueKind == JsonValueKind.False ? null : given;
    }
}
