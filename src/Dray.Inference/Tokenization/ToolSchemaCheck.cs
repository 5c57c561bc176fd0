using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Whether a tool's parameters are a JSON schema of draft 7: each keyword that the draft's meta-schema constrains is of its kind.
/// Keywords it doesn't know are let through, and so are regular expressions and references that lead nowhere.
/// </summary>
internal static class ToolSchemaCheck
{
    private static readonly FrozenDictionary<string, Func<JsonElement, string?>> Keywords =
        new Dictionary<string, Func<JsonElement, string?>>
    {
        ["$id"] = IsString, ["$schema"] = IsString, ["$ref"] = IsString, ["$comment"] = IsString, ["title"] = IsString,
        ["description"] = IsString, ["format"] = IsString, ["pattern"] = IsString, ["contentMediaType"] = IsString,
        ["contentEncoding"] = IsString,
        ["readOnly"] = IsBoolean, ["uniqueItems"] = IsBoolean,
        ["examples"] = IsArray, ["enum"] = IsArray,
        ["maximum"] = IsNumber, ["exclusiveMaximum"] = IsNumber, ["minimum"] = IsNumber, ["exclusiveMinimum"] = IsNumber,
        ["multipleOf"] = IsPositiveNumber,
        ["maxLength"] = IsCount, ["minLength"] = IsCount, ["maxItems"] = IsCount, ["minItems"] = IsCount, ["maxProperties"] = IsCount,
        ["minProperties"] = IsCount,
        ["required"] = IsStringArray,
        ["type"] = IsType,
        ["additionalItems"] = FirstError, ["contains"] = FirstError, ["additionalProperties"] = FirstError, ["propertyNames"] = FirstError,
        ["if"] = FirstError, ["then"] = FirstError, ["else"] = FirstError, ["not"] = FirstError,
        ["allOf"] = IsSchemaArray, ["anyOf"] = IsSchemaArray, ["oneOf"] = IsSchemaArray,
        ["items"] = value => value.ValueKind == JsonValueKind.Array ? IsSchemaArray(value) : FirstError(value),
        ["definitions"] = IsSchemaMap, ["properties"] = IsSchemaMap, ["patternProperties"] = IsSchemaMap,
        ["dependencies"] = IsDependencies,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What is wrong with a schema, in jsonschema's words and without a full stop, or null.</summary>
    public static string? FirstError(JsonElement schema)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False) return null;
        if (schema.ValueKind != JsonValueKind.Object) return $"{Shown(schema)} is not of type 'object', 'boolean'";
        foreach (var member in schema.EnumerateObject())
        {
            if (Keywords.TryGetValue(JsonText.Name(member), out var check) && check(member.Value) is { } error) return error;
        }

        return null;
    }

    private static string? IsString(JsonElement value) => Kind(value, value.ValueKind == JsonValueKind.String, "string");

    private static string? IsBoolean(JsonElement value) =>
        Kind(value, value.ValueKind is JsonValueKind.True or JsonValueKind.False, "boolean");

    private static string? IsArray(JsonElement value) => Kind(value, value.ValueKind == JsonValueKind.Array, "array");

    private static string? IsNumber(JsonElement value) => Kind(value, value.ValueKind == JsonValueKind.Number, "number");

    private static string? IsPositiveNumber(JsonElement value) => IsNumber(value)
        ?? (Number(value) > 0 ? null : $"{Shown(value)} is less than or equal to the minimum of 0");

    private static string? IsCount(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number || Number(value) != Math.Floor(Number(value))) return Kind(value, false, "integer");
        return Number(value) >= 0 ? null : $"{Shown(value)} is less than the minimum of 0";
    }

    private static string? IsStringArray(JsonElement value)
    {
        if (IsArray(value) is { } error) return error;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in value.EnumerateArray())
        {
            if (IsString(item) is { } wrong) return wrong;
            if (!seen.Add(JsonText.Read(item))) return $"{Shown(value)} has non-unique elements";
        }

        return null;
    }

    private static string? IsType(JsonElement value)
    {
        var names = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value };
        var known = names.Length > 0 && names.All(name => name.ValueKind == JsonValueKind.String
            && JsonText.Read(name) is "array" or "boolean" or "integer" or "null" or "number" or "object" or "string");
        var unique = known && names.Select(JsonText.Read).Distinct(StringComparer.Ordinal).Count() == names.Length;
        return unique ? null : $"{Shown(value)} is not valid under any of the given schemas";
    }

    private static string? IsSchemaArray(JsonElement value)
    {
        if (IsArray(value) is { } error) return error;
        return value.GetArrayLength() == 0
            ? "[] should be non-empty"
            : value.EnumerateArray().Select(FirstError).FirstOrDefault(wrong => wrong is not null);
    }

    private static string? IsSchemaMap(JsonElement value) => Kind(value, value.ValueKind == JsonValueKind.Object, "object")
        ?? value.EnumerateObject().Select(member => FirstError(member.Value)).FirstOrDefault(wrong => wrong is not null);

    private static string? IsDependencies(JsonElement value) => Kind(value, value.ValueKind == JsonValueKind.Object, "object")
        ?? value.EnumerateObject()
            .Select(member => member.Value.ValueKind == JsonValueKind.Array ? IsStringArray(member.Value) : FirstError(member.Value))
            .FirstOrDefault(wrong => wrong is not null);

    private static string? Kind(JsonElement value, bool right, string kind) => right ? null : $"{Shown(value)} is not of type '{kind}'";

    private static double Number(JsonElement value) => double.Parse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static string Shown(JsonElement value)
    {
        const int longest = 80;
        var text = value.ValueKind == JsonValueKind.String ? $"'{JsonText.Read(value)}'" : value.GetRawText();
        return text.Length <= longest ? text : $"{text[..longest]}...";
    }
}
