using System.Text.Json;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>JSON Schema's types.</summary>
internal static class SchemaTypes
{
    private static readonly string[] Known = ["object", "array", "string", "number", "integer", "boolean", "null"];

    /// <summary>The types of a <c>type</c> keyword, each once.</summary>
    public static IReadOnlyList<string> Read(SchemaNode type)
    {
        var nodes = type.Value.ValueKind == JsonValueKind.Array ? type.Items() : [type];
        if (nodes.Count == 0) throw type.Refused("must name at least one type");
        return [.. nodes.Select(Name).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Whether a value is of a type.</summary>
    public static bool IsOf(JsonElement value, string type) => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type == "number" || (type == "integer" && value.TryGetDouble(out var number) && Math.Floor(number) == number),
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        _ => type == "null",
    };

    private static string Name(SchemaNode node)
    {
        var name = node.Text();
        return Known.Contains(name) ? name : throw node.Refused($"is '{name}'; it must be one of {string.Join(", ", Known)}");
    }
}
