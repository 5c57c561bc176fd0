using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Dray.Contracts;
using Dray.Inference;

namespace Dray.Worker.Input;

/// <summary>Reads one line of an input as a row, strictly: what it can't mean is refused with the line, the value and the remedy.</summary>
internal static class BatchRowParser
{
    private const int QuotedCharacters = 64;

    /// <summary>Reads a line.</summary>
    /// <exception cref="RequestRejectedException">The line isn't a row.</exception>
    public static BatchRow Parse(InputLine line, int maxLineBytes)
    {
        if (line.IsTooLong)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.ContentTooLarge,
                $"Line {line.Number} has {line.Length} bytes, more than the {maxLineBytes} allowed; shrink its pictures or name them by path.");
        }

        var root = ParseJson(line);
        if (root.ValueKind != JsonValueKind.Object)
            throw Refuse(line, $"is a JSON {KindOf(root)}, not an object; write one with the fields custom_id, method, url and body.");
        JsonElement? customId = null, method = null, url = null, body = null;
        foreach (var property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "custom_id": customId = property.Value; break;
                case "method": method = property.Value; break;
                case "url": url = property.Value; break;
                case "body": body = property.Value; break;
                default:
                    var unknown = $"has an unknown field '{Quote(property.Name)}'; the fields are custom_id, method, url and body.";
                    throw Refuse(line, unknown, Quote(property.Name));
            }
        }

        return new BatchRow
        {
            CustomId = CheckCustomId(line, customId),
            Method = CheckConstant(line, "method", method, BatchRow.PostMethod),
            Url = CheckConstant(line, "url", url, BatchRow.ChatCompletionsUrl),
            Body = CheckBody(line, body),
        };
    }

    private static JsonElement ParseJson(InputLine line)
    {
        var bytes = line.Bytes.Span;
        if (!Utf8.IsValid(bytes))
            throw Refuse(line, $"isn't UTF-8: the bytes at column {InvalidUtf8At(bytes) + 1} are no character; save the file as UTF-8.");
        try
        {
            return JsonElement.Parse(bytes);
        }
        catch (JsonException e)
        {
            var reason = e.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
            throw Refuse(line, $"isn't valid JSON at column {(e.BytePositionInLine ?? 0) + 1}: {reason}.", inner: e);
        }
    }

    private static string CheckCustomId(InputLine line, JsonElement? value)
    {
        if (value is not { } given) throw Refuse(line, "has no custom_id; give each row a string of its own.", "custom_id");
        if (given.ValueKind != JsonValueKind.String)
            throw Refuse(line, $"has a custom_id that is a JSON {KindOf(given)}; give each row a string of its own.", "custom_id");
        var customId = given.GetString()!;
        if (customId.Length == 0) throw Refuse(line, "has an empty custom_id; give each row a string of its own.", "custom_id");
        if (customId.Length > BatchRow.MaxCustomIdLength)
            throw Refuse(
                line, $"has a custom_id of {customId.Length} characters, more than the {BatchRow.MaxCustomIdLength} allowed.", "custom_id");
        return customId;
    }

    private static string CheckConstant(InputLine line, string name, JsonElement? value, string expected)
    {
        if (value is not { } given) throw Refuse(line, $"has no {name}; write \"{name}\":\"{expected}\".", name);
        if (given.ValueKind == JsonValueKind.String && given.GetString() == expected) return expected;
        throw Refuse(line, $"has the {name} {Quote(given.GetRawText())}, which isn't served here; write \"{name}\":\"{expected}\".", name);
    }

    private static JsonElement CheckBody(InputLine line, JsonElement? value) => value switch
    {
        null => throw Refuse(line, "has no body; write the chat completion request there.", "body"),
        { ValueKind: JsonValueKind.Object } body => body,
        { } other => throw Refuse(line, $"has a body that is a JSON {KindOf(other)}, not an object.", "body"),
    };

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static string Quote(string text) => text.Length <= QuotedCharacters ? text : text[..QuotedCharacters] + "...";

    private static int InvalidUtf8At(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        while (System.Text.Rune.DecodeFromUtf8(bytes[position..], out _, out var length) == OperationStatus.Done) position += length;
        return position;
    }

    private static RequestRejectedException Refuse(InputLine line, string what, string? param = null, Exception? inner = null) =>
        new(RequestErrorCodes.InvalidRequest, $"Line {line.Number} {what}", param, inner);
}
