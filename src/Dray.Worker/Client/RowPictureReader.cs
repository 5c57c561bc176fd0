using System.Text.Json;
using Dray.Worker.Images;

namespace Dray.Worker.Client;

/// <summary>Finds the pictures that a row names by relative paths, without building its document: for the pass over a whole input.</summary>
internal static class RowPictureReader
{
    private const int RootFields = 1;
    private const int BodyFields = 2;
    private const int PartFields = 6;

    /// <summary>Adds the paths in <paramref name="line"/> to <paramref name="paths"/>.</summary>
    /// <returns>False where the line isn't a JSON object with a body.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, ICollection<string> paths)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            bool inBody = false, inMessages = false, hasBody = false;
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                switch (reader.CurrentDepth)
                {
                    case RootFields:
                        inBody = reader.ValueTextEquals("body"u8);
                        hasBody |= inBody;
                        break;
                    case BodyFields:
                        inMessages = inBody && reader.ValueTextEquals("messages"u8);
                        break;
                    case PartFields when inMessages && reader.ValueTextEquals("image_url"u8):
                        ReadUrl(ref reader, paths);
                        break;
                }
            }

            return hasBody;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    // body.messages[].content[].image_url is a URL or an object with one.
    private static void ReadUrl(ref Utf8JsonReader reader, ICollection<string> paths)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) Add(ref reader, paths);
        if (reader.TokenType != JsonTokenType.StartObject) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUrl = reader.ValueTextEquals("url"u8);
            reader.Read();
            if (isUrl && reader.TokenType == JsonTokenType.String) Add(ref reader, paths);
            reader.Skip();
        }
    }

    private static void Add(ref Utf8JsonReader reader, ICollection<string> paths)
    {
        // A data: URL may have megabytes; it isn't made a string to find that out.
        if (reader.ValueSpan.StartsWith("data:"u8)) return;
        var url = reader.GetString()!;
        if (url.Length > 0 && ImageResolver.SchemeOf(url).Length == 0) paths.Add(url);
    }
}
