using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>The fields of a record's object.</summary>
internal readonly struct RecordFields(JsonElement item)
{
    /// <summary>Gets the text of the only field, or null where there are others or it is no text.</summary>
    public string? OnlyText
    {
        get
        {
            using var members = item.EnumerateObject().GetEnumerator();
            if (!members.MoveNext() || members.Current.Value.ValueKind != JsonValueKind.String) return null;
            var text = JsonText.Read(members.Current.Value);
            return members.MoveNext() ? null : text;
        }
    }

    /// <summary>A field's text, or null where it is missing or no text.</summary>
    public string? Text(string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? JsonText.Read(value) : null;

    /// <summary>A field that may also be written as JSON inside a string, as tables and xLAM do; null where there is none.</summary>
    /// <exception cref="RecordException">The string isn't JSON.</exception>
    public JsonElement? Json(string name)
    {
        if (!item.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.String) return value;
        var text = JsonText.Read(value);
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException exception)
        {
            throw new RecordException($"has a field '{name}' that isn't JSON: {exception.Message}", exception);
        }
    }
}
