using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;

namespace Dray.Worker.Http.Batches;

/// <summary>The fields of a body, read strictly.</summary>
internal static class BodyFields
{
    private const int QuotedCharacters = 64;

    /// <summary>The fields of an object; those that are null are as good as left out.</summary>
    /// <exception cref="RequestRejectedException">It is no object, or a name isn't valid Unicode.</exception>
    public static IEnumerable<(string Name, JsonElement Value)> Of(JsonElement body, bool keepsNulls = false)
    {
        if (body.ValueKind != JsonValueKind.Object) throw Refuse("The body isn't a JSON object; write the request's fields there.", null);
        foreach (var field in body.EnumerateObject())
        {
            if (keepsNulls || field.Value.ValueKind != JsonValueKind.Null) yield return (TextOf(() => field.Name, null), field.Value);
        }
    }

    /// <summary>A text.</summary>
    public static string Text(string name, JsonElement value) => value.ValueKind == JsonValueKind.String
        ? TextOf(() => value.GetString()!, name)
        : throw Refuse($"'{name}' is a JSON {value.ValueKind.ToString().ToLowerInvariant()}, not a string.", name);

    /// <summary>A whole number of at least 1.</summary>
    public static long Count(string name, JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) && count > 0
        ? count
        : throw Refuse($"'{name}' isn't a whole number of at least 1.", name);

    /// <summary>A yes or no.</summary>
    public static bool Flag(string name, JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? value.GetBoolean()
        : throw Refuse($"'{name}' is neither true nor false.", name);

    /// <summary>That nobody knows a field.</summary>
    public static RequestRejectedException Unknown(string name)
    {
        var quoted = name.Length <= QuotedCharacters ? name : name[..QuotedCharacters] + "...";
        return Refuse($"Unknown parameter: '{quoted}'; leave it out.", quoted);
    }

    private static string TextOf(Func<string> read, string? name)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw Refuse("A text isn't valid Unicode; write whole characters, not halves of surrogate pairs.", name);
        }
    }

    private static RequestRejectedException Refuse(string message, string? param) => new(ErrorCodes.InvalidRequest, message, param);
}
