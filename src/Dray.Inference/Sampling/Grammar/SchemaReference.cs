using System.Globalization;
using System.Text.Json;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>Follows <c>$ref</c> inside one schema.</summary>
internal static class SchemaReference
{
    /// <summary>The schema that a reference, a JSON pointer such as <c>#/$defs/item</c>, stands for.</summary>
    public static SchemaNode Resolve(SchemaNode reference, SchemaNode root)
    {
        var pointer = reference.Text();
        if (pointer == "#") return root;
        if (!pointer.StartsWith("#/", StringComparison.Ordinal))
            throw reference.Refused($"is '{pointer}'; only references inside the schema, such as '#/$defs/item', are supported");

        var node = root;
        foreach (var part in pointer[2..].Split('/'))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            node = Step(node, name) ?? throw reference.Refused($"is '{pointer}', but the schema has no such place");
        }

        return node;
    }

    private static SchemaNode? Step(SchemaNode node, string name)
    {
        if (node.Value.ValueKind == JsonValueKind.Object) return node[name];
        if (node.Value.ValueKind != JsonValueKind.Array) return null;
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < node.Value.GetArrayLength()
            ? new SchemaNode(node.Value[index], $"{node.Path}[{index}]")
            : null;
    }
}
