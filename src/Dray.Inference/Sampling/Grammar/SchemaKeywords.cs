using System.Collections.Frozen;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>Which keywords of JSON Schema a grammar can hold.</summary>
internal static class SchemaKeywords
{
    private static readonly FrozenSet<string> Annotations = FrozenSet.Create(
        StringComparer.Ordinal,
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "example", "examples", "deprecated",
        "readOnly", "writeOnly");

    private static readonly FrozenDictionary<string, string[]> ByType = new Dictionary<string, string[]>
    {
        ["object"] = ["properties", "required", "additionalProperties"],
        ["array"] = ["items", "prefixItems", "minItems", "maxItems"],
        ["string"] = ["minLength", "maxLength", "pattern", "format"],
        ["number"] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Typed = ByType.Values.SelectMany(names => names).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Gets the keywords each of which says alone what a value is.</summary>
    public static IReadOnlyList<string> Selectors { get; } = ["$ref", "const", "enum", "anyOf", "oneOf", "allOf"];

    /// <summary>Whether a keyword says nothing about which values are valid.</summary>
    public static bool IsAnnotation(string keyword) => Annotations.Contains(keyword) || keyword.StartsWith("x-", StringComparison.Ordinal);

    /// <summary>Whether a keyword is about values of one type.</summary>
    public static bool IsTyped(string keyword) => Typed.Contains(keyword);

    /// <summary>The types that a schema without <c>type</c> is about, by its keywords; empty where it is about none.</summary>
    public static IReadOnlyList<string> TypesOf(IReadOnlyCollection<string> keywords) =>
        [.. ByType.Where(entry => entry.Value.Any(keywords.Contains)).Select(entry => entry.Key)];
}
