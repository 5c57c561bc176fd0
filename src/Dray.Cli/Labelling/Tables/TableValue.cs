using System.Globalization;
using System.Text.Json;
using Dray.Quantization.Calibration.Records;

namespace Dray.Cli.Labelling.Tables;

/// <summary>Values of rows as text and as JSON.</summary>
internal static class TableValue
{
    /// <summary>A value as prompts and CSV show it; nothing for null.</summary>
    public static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        JsonElement element => element.GetRawText(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>Writes a value as JSON.</summary>
    public static void Write(Utf8JsonWriter writer, object? value)
    {
        if (value is JsonElement element) writer.WriteRawValue(element.GetRawText());
        else JsonSerializer.Serialize(writer, value, RecordJson.Options);
    }

    /// <summary>A JSON value.</summary>
    public static object? Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => JsonText(element),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when element.TryGetInt64(out var whole) => whole,
        _ => element,
    };

    /// <summary>What a JSON value is.</summary>
    public static ColumnKind KindOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => ColumnKind.Unknown,
        JsonValueKind.String => ColumnKind.Text,
        JsonValueKind.True or JsonValueKind.False => ColumnKind.Boolean,
        JsonValueKind.Number => element.TryGetInt64(out _) ? ColumnKind.Integer : ColumnKind.Number,
        _ => ColumnKind.Json,
    };

    /// <summary>The kind that holds values of two.</summary>
    public static ColumnKind Join(ColumnKind one, ColumnKind other) => (one, other) switch
    {
        _ when one == other || other == ColumnKind.Unknown => one,
        (ColumnKind.Unknown, _) => other,
        (ColumnKind.Integer, ColumnKind.Number) or (ColumnKind.Number, ColumnKind.Integer) => ColumnKind.Number,
        _ => ColumnKind.Json,
    };

    // Half a surrogate pair, which JSON can escape, becomes U+FFFD as everywhere.
    private static string JsonText(JsonElement element) => Inference.Tokenization.JsonText.Read(element);
}
