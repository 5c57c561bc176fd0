using System.Globalization;
using System.Text.Json;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>Writes strings, numbers, booleans and null of a schema into a grammar.</summary>
internal static class ScalarWriter
{
    private const decimal GreatestBound = 999_999_999_999_999m;

    public static void Write(GrammarBuilder builder, SchemaNode schema, string type, int from, int to)
    {
        switch (type)
        {
            case "string":
                String(builder, schema, from, to);
                break;
            case "integer":
                Integer(builder, schema, from, to);
                break;
            case "number":
                Number(builder, schema, from, to);
                break;
            case "boolean":
                LiteralTrie.Write(builder, from, ["true"u8.ToArray(), "false"u8.ToArray()], to);
                break;
            default:
                builder.Empty(builder.Literal(from, "null"u8), to);
                break;
        }
    }

    private static void String(GrammarBuilder builder, SchemaNode schema, int from, int to)
    {
        var least = schema["minLength"]?.Count() ?? 0;
        var most = schema["maxLength"]?.Count() ?? int.MaxValue;
        if (most < least) throw schema["maxLength"]!.Value.Refused($"is {most}, less than the {least} of 'minLength'");

        if (schema["format"] is { } format)
        {
            if (schema["pattern"] is not null) throw format.Refused("can't be combined with 'pattern' beside it; leave one out");
            var name = format.Text();
            var pattern = StringFormats.Pattern(name)
                ?? throw format.Refused($"is '{name}', which isn't supported; the formats are {StringFormats.Names}");
            Matching(builder, pattern, format.Path, from, least, most, to);
        }
        else if (schema["pattern"] is { } pattern)
        {
            Matching(builder, pattern.Text(), pattern.Path, from, least, most, to);
        }
        else
        {
            JsonStringWriter.Any(builder, from, least, most, to);
        }
    }

    private static void Matching(GrammarBuilder builder, string pattern, string path, int from, int least, int most, int to)
    {
        var automaton = new RegexAutomaton(RegexParser.Parse(pattern, path), isWhole: false, path);
        JsonStringWriter.Matching(builder, from, automaton, least, most, to);
    }

    private static void Integer(GrammarBuilder builder, SchemaNode schema, int from, int to)
    {
        long least = -NumberWriter.Greatest, greatest = NumberWriter.Greatest;
        if (Bound(schema, "minimum") is { } minimum) least = Math.Max(least, Whole(decimal.Ceiling(minimum)));
        if (Bound(schema, "exclusiveMinimum") is { } above) least = Math.Max(least, Whole(decimal.Floor(above) + 1));
        if (Bound(schema, "maximum") is { } maximum) greatest = Math.Min(greatest, Whole(decimal.Floor(maximum)));
        if (Bound(schema, "exclusiveMaximum") is { } below) greatest = Math.Min(greatest, Whole(decimal.Ceiling(below) - 1));
        if (least > greatest || least > NumberWriter.Greatest || greatest < -NumberWriter.Greatest)
            throw schema.Refused($"allows no integer of at most {NumberWriter.IntegerDigits} digits; correct its bounds");
        NumberWriter.Integer(builder, from, least, greatest, to);
    }

    private static void Number(GrammarBuilder builder, SchemaNode schema, int from, int to)
    {
        var least = Tighter(Bound(schema, "minimum"), Bound(schema, "exclusiveMinimum"), 1);
        var greatest = Tighter(Bound(schema, "maximum"), Bound(schema, "exclusiveMaximum"), -1);
        if (least is null && greatest is null)
        {
            NumberWriter.Number(builder, from, to);
            return;
        }

        var low = least ?? new DecimalBound(greatest!.Value.Value < -DecimalWriter.Unbounded ? -GreatestBound : -DecimalWriter.Unbounded, false);
        var high = greatest ?? new DecimalBound(low.Value > DecimalWriter.Unbounded ? GreatestBound : DecimalWriter.Unbounded, false);
        if (low.Value > high.Value || (low.Value == high.Value && (low.IsExcluded || high.IsExcluded)) || low.Value > GreatestBound || high.Value < -GreatestBound)
            throw schema.Refused("allows no number of at most 15 digits; correct its bounds");
        low = low with { Value = Math.Max(low.Value, -GreatestBound) };
        high = high with { Value = Math.Min(high.Value, GreatestBound) };
        new DecimalWriter(builder, low, high).Write(from, to);
    }

    /// <summary>The bound that leaves less; <paramref name="sign"/> is 1 for lower bounds and −1 for upper ones.</summary>
    private static DecimalBound? Tighter(decimal? included, decimal? excluded, int sign)
    {
        if (excluded is not { } outside) return included is { } only ? new DecimalBound(only, false) : null;
        return included is { } inside && inside * sign > outside * sign ? new DecimalBound(inside, false) : new DecimalBound(outside, true);
    }

    private static decimal? Bound(SchemaNode schema, string keyword)
    {
        if (schema[keyword] is not { } bound) return null;
        if (bound.Value.ValueKind != JsonValueKind.Number) throw bound.Refused("must be a number");
        if (bound.Value.TryGetDecimal(out var value)) return value;
        // Beyond decimal's range nothing but the sign matters.
        return double.Parse(bound.Value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture) < 0 ? -1e20m : 1e20m;
    }

    private static long Whole(decimal value) => (long)Math.Clamp(value, -NumberWriter.Greatest - 1, NumberWriter.Greatest + 1);
}
