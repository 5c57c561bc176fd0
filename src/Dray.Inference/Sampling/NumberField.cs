using System.Globalization;
using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling;

/// <summary>Numbers of a request, with their bounds.</summary>
internal static class NumberField
{
    /// <summary>The number, or <paramref name="fallback"/> where the field is absent or null; without a fallback it must be there.</summary>
    public static float Single(this RequestField field, float? fallback, float least, float most)
    {
        if (!field.HasValue && fallback is { } value) return value;
        // The range is that of the value used: 1e-50 is a positive double and a zero float.
        if (field.Value.ValueKind == JsonValueKind.Number && (float)field.Value.GetDouble() is var number && number >= least && number <= most)
            return number;
        var range = (least, most) switch
        {
            (float.Epsilon, float.MaxValue) => "greater than 0",
            (float.Epsilon, _) => $"greater than 0 and at most {Text(most)}",
            _ => $"from {Text(least)} to {Text(most)}",
        };
        throw field.Rejected($"'{field.Path}' must be a number {range} but is {Shown(field)}.");
    }

    /// <summary>The integer, or null where the field is absent or null.</summary>
    public static int? Integer(this RequestField field, int least, int most) => (int?)field.Long(least, most);

    /// <summary>The integer, or null where the field is absent or null. As in JSON Schema, 5.0 is one.</summary>
    public static long? Long(this RequestField field, long least, long most)
    {
        if (!field.HasValue) return null;
        if (field.Value.ValueKind == JsonValueKind.Number && Whole(field.Value) is { } number && number >= least && number <= most)
            return number;
        var range = (least, most) switch
        {
            (long.MinValue, _) => "of at most 64 bits",
            (_, int.MaxValue) => $"of at least {least}",
            _ => $"from {least} to {most}",
        };
        throw field.Rejected($"'{field.Path}' must be an integer {range} but is {Shown(field)}.");
    }

    private static long? Whole(JsonElement value)
    {
        if (value.TryGetInt64(out var number)) return number;
        if (!value.TryGetDecimal(out var real) || real != decimal.Truncate(real)) return null;
        return real is >= long.MinValue and <= long.MaxValue ? (long)real : null;
    }

    private static string Shown(RequestField field)
    {
        const int Longest = 40;
        if (field.Value.ValueKind != JsonValueKind.Number) return field.Kind;
        var text = field.Value.GetRawText();
        return text.Length <= Longest ? text : $"{text[..Longest]}...";
    }

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);
}
