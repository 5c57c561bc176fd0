using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Worker.Images;

namespace Dray.Worker.Page.Rows;

/// <summary>Reads a line of an input for people: leniently, for a line that isn't a row has its place on the page too.</summary>
internal static class RowPrompt
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The messages of a line; none where it has no such thing.</summary>
    public static IReadOnlyList<RowMessage> Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var pictures = 0;
            return [.. MessagesOf(document.RootElement).Select(message => Read(message, ref pictures))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>What a line asks beside its messages, as indented JSON, or null where it isn't JSON.</summary>
    public static string? Settings(ReadOnlyMemory<byte> line)
    {
        try
        {
            if (JsonNode.Parse(line.Span) is not JsonObject row || row["body"] is not JsonObject body) return null;
            body.Remove("messages");
            return body.ToJsonString(Indented);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The URL of the picture <paramref name="index"/> of a line, or null where it has none.</summary>
    public static string? Picture(ReadOnlyMemory<byte> line, int index)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return MessagesOf(document.RootElement).SelectMany(PartsOf).Select(UrlOf).OfType<string>().ElementAtOrDefault(index);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonElement> MessagesOf(JsonElement row) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.Object
        && body.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array
            ? messages.EnumerateArray().Where(message => message.ValueKind == JsonValueKind.Object)
            : [];

    private static IEnumerable<JsonElement> PartsOf(JsonElement message) =>
        message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            ? content.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object)
            : [];

    private static RowMessage Read(JsonElement message, ref int pictures)
    {
        var role = TextOf(message, "role") ?? "?";
        if (TextOf(message, "content") is { } content) return new RowMessage(role, content, []);
        var text = new StringBuilder();
        var shown = new List<RowPicture>();
        foreach (var part in PartsOf(message))
        {
            if (TextOf(part, "text") is { } words) text.Append(text.Length > 0 ? "\n" : "").Append(words);
            if (UrlOf(part) is { } url) shown.Add(Describe(pictures++, url));
        }

        return new RowMessage(role, text.ToString(), shown);
    }

    private static RowPicture Describe(int index, string url)
    {
        var scheme = ImageResolver.SchemeOf(url);
        return new RowPicture(index, scheme == "data" ? "" : ImageResolver.Quote(url), RowPictures.IsShown(scheme));
    }

    private static string? UrlOf(JsonElement part) => !part.TryGetProperty("image_url", out var image) ? null : image.ValueKind switch
    {
        JsonValueKind.String => image.GetString(),
        JsonValueKind.Object => TextOf(image, "url"),
        _ => null,
    };

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
