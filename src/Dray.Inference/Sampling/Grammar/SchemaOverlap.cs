using System.Text.Json;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// Tells whether the branches of a <c>oneOf</c> exclude each other. A grammar writes any of its branches, so a value that two branches
/// allow would be written but isn't valid. Only what is certain counts.
/// </summary>
internal static class SchemaOverlap
{
    private const int MostBranches = 200;
    private const int DeepestReference = 16;

    private static readonly string[] ValueTypes = ["object", "array", "string", "number", "boolean", "null"];

    public static void RequireNone(SchemaNode oneOf, SchemaNode root)
    {
        var branches = oneOf.Items();
        if (branches.Count > MostBranches) throw oneOf.Refused($"has {branches.Count} branches; at most {MostBranches} are allowed");
        for (var i = 0; i < branches.Count; i++)
        {
            for (var j = i + 1; j < branches.Count; j++)
            {
                if (!AreDisjoint(Follow(branches[i], root), Follow(branches[j], root), root, 0))
                    throw oneOf.Refused($"has branches {i} and {j}, which may both allow a value; use 'anyOf', or a property with a different 'const' in each");
            }
        }
    }

    private static bool AreDisjoint(SchemaNode left, SchemaNode right, SchemaNode root, int depth)
    {
        if (depth > DeepestReference) return false;
        if (Values(left) is { } leftValues && Values(right) is { } rightValues)
            return !leftValues.Any(value => rightValues.Any(other => JsonElement.DeepEquals(value, other)));
        var (leftTypes, rightTypes) = (Types(left), Types(right));
        if (leftTypes is null || rightTypes is null) return false;
        var common = leftTypes.Where(type => rightTypes.Contains(type)
            || (type == "integer" && rightTypes.Contains("number")) || (type == "number" && rightTypes.Contains("integer"))).ToArray();
        return common.Length == 0 || (common is ["object"] && ObjectsAreDisjoint(left, right, root, depth));
    }

    /// <summary>Objects exclude each other where both must have a property whose values do.</summary>
    private static bool ObjectsAreDisjoint(SchemaNode left, SchemaNode right, SchemaNode root, int depth)
    {
        var (leftNames, rightNames) = (Required(left), Required(right));
        foreach (var name in leftNames.Intersect(rightNames, StringComparer.Ordinal))
        {
            if (left["properties"]?[name] is not { } one || right["properties"]?[name] is not { } other) continue;
            if (AreDisjoint(Follow(one, root), Follow(other, root), root, depth + 1)) return true;
        }

        return HasForbidden(leftNames, right) || HasForbidden(rightNames, left);
    }

    private static bool HasForbidden(IEnumerable<string> names, SchemaNode schema) =>
        schema["additionalProperties"] is { Value.ValueKind: JsonValueKind.False } && names.Any(name => schema["properties"]?[name] is null);

    private static SchemaNode Follow(SchemaNode schema, SchemaNode root)
    {
        for (var i = 0; i < DeepestReference && schema["$ref"] is { } reference; i++) schema = SchemaReference.Resolve(reference, root);
        return schema;
    }

    private static List<JsonElement>? Values(SchemaNode schema)
    {
        if (schema["nullable"] is not null) return null;
        if (schema["const"] is { } constant) return [constant.Value];
        return schema["enum"]?.Items().Select(item => item.Value).ToList();
    }

    /// <summary>The types that a schema's values can have, or null where that isn't known.</summary>
    private static IReadOnlyList<string>? Types(SchemaNode schema)
    {
        if (schema["nullable"] is not null) return null;
        if (schema["type"] is { } type) return SchemaTypes.Read(type);
        if (Values(schema) is not { } values) return null;
        return [.. values.SelectMany(value => ValueTypes.Where(name => SchemaTypes.IsOf(value, name)))];
    }

    private static List<string> Required(SchemaNode schema) => schema["required"]?.Items().Select(name => name.Text()).ToList() ?? [];
}
