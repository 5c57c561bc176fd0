using System.Text.Json;

namespace Dray.Worker.Tests.Support;

/// <summary>Lines of an input.</summary>
internal static class JobLines
{
    public static string Line(string customId, string prompt, string? image = null) => JsonSerializer.Serialize(new
    {
        custom_id = customId,
        method = "POST",
        url = "/v1/chat/completions",
        body = new { model = "any", messages = new[] { new { role = "user", content = Content(prompt, image) } } },
    });

    public static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(i => Line($"row-{i}", $"prompt {i}") + "\n"));

    private static object[] Content(string prompt, string? image)
    {
        object text = new { type = "text", text = prompt };
        return image is null ? [text] : [text, new { type = "image_url", image_url = new { url = image } }];
    }
}
