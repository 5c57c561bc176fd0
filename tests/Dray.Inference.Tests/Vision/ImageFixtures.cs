using System.Text.Json;

namespace Dray.Inference.Tests.Vision;

/// <summary>Small pictures with what mistral_common makes of them.</summary>
internal static class ImageFixtures
{
    private static readonly string Folder = Path.Combine(SharedFolder.Repository, "tests", "Dray.Inference.Tests", "Fixtures", "images");

    public static string[] Names { get; } =
    [
        "palette_trns.png", "rgb_colorkey_trns.png", "one_bit.png", "grey_alpha.png", "rgb16.png", "palette.png", "px14.png", "cmyk.jpg",
        "exif_rotated.jpg", "progressive.jpg", "lossy.webp", "two_frames.gif", "one_px_wide.png",
    ];

    public static TheoryData<string> All { get; } = [.. Names];

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    public static JsonElement Expected(string name) => File.ReadLines(Path.Combine(Folder, "expected.jsonl"))
        .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
        .Single(row => row.GetProperty("file").GetString() == name);
}
