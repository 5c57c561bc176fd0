using System.Text.Json;
using Dray.Contracts;

namespace Dray.Worker.Input;

/// <summary>Finds the <c>custom_id</c> of a line without building its document: for the pass over a whole input.</summary>
internal static class CustomIdReader
{
    /// <summary>The line's <c>custom_id</c>, or null where it has no usable one or isn't a JSON object.</summary>
    public static string? TryRead(ReadOnlySpan<byte> line) => TryRead(line, out _);

    /// <inheritdoc cref="TryRead(ReadOnlySpan{byte})"/>
    /// <param name="line">The line.</param>
    /// <param name="value">Where in it the JSON value stands; the rest is what the row asks.</param>
    public static string? TryRead(ReadOnlySpan<byte> line, out Range value)
    {
        value = default;
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            string? customId = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isCustomId = reader.ValueTextEquals("custom_id"u8);
                reader.Read();
                if (isCustomId)
                {
                    customId = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                    value = (int)reader.TokenStartIndex..(int)reader.BytesConsumed;
                }

                reader.Skip();
            }

            while (reader.Read())
            {
                // What follows the object makes the reader throw.
            }

            return IsUsable(customId) ? customId : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether a row may have this <c>custom_id</c>.</summary>
    public static bool IsUsable(string? customId) => customId is { Length: > 0 and <= BatchRow.MaxCustomIdLength };
}
