using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>The rows that ask for captions: one for each page.</summary>
internal static partial class CaptionRows
{
    private const string SchemaName = "caption";

    /// <summary>The row of a page that could be read.</summary>
    /// <param name="options">What to ask.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="page">The page, from 1.</param>
    public static byte[] Write(ScheduleOptions options, PlannedPicture picture, int page)
    {
        var content = new JsonArray
        {
            new JsonObject { ["type"] = "text", ["text"] = Fill(options.Prompt, picture.Path, page) },
            new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = picture.Pages[page - 1].Image } },
        };
        var messages = new JsonArray();
        if (options.SystemPrompt is { } system)
            messages.Add((JsonNode)new JsonObject { ["role"] = "system", ["content"] = Fill(system, picture.Path, page) });
        messages.Add((JsonNode)new JsonObject { ["role"] = "user", ["content"] = content });
        var body = new JsonObject { ["messages"] = messages };
        foreach (var (key, value) in options.Sampling) body[key] = JsonNode.Parse(value.GetRawText());
        if (options.Schema is { } schema)
        {
            body["response_format"] = new JsonObject
            {
                ["type"] = "json_schema",
                ["json_schema"] = new JsonObject { ["name"] = SchemaName, ["strict"] = true, ["schema"] = JsonNode.Parse(schema.GetRawText()) },
            };
        }

        return Line(new BatchRow
        {
            CustomId = CustomId(picture, page),
            Method = BatchRow.PostMethod,
            Url = BatchRow.ChatCompletionsUrl,
            Body = JsonSerializer.SerializeToElement(body),
        });
    }

    /// <summary>The name of a page's row: the picture's path, and the page where there are several; a hash where that is too long for one.</summary>
    public static string CustomId(PlannedPicture picture, int page)
    {
        var id = picture.Pages.Count == 1 ? picture.Path : string.Create(CultureInfo.InvariantCulture, $"{picture.Path}#page={page}");
        return id.Length <= BatchRow.MaxCustomIdLength
            ? id
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
    }

    // In one pass: what a file is called is no template.
    private static string Fill(string template, string path, int page) => Placeholder().Replace(template, match => match.Value switch
    {
        "{path}" => path,
        "{name}" => path[(path.LastIndexOf('/') + 1)..],
        _ => page.ToString(CultureInfo.InvariantCulture),
    });

    private static byte[] Line(BatchRow row) => [.. BlobJson.Write(row), (byte)'\n'];

    [GeneratedRegex(@"\{(?:name|path|page)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
