using System.Text.Json;

namespace Dray.Inference.Tests.Tokenization;

/// <summary>Rows of a golden <c>.jsonl</c> file.</summary>
internal static class GoldenFile
{
    /// <summary>All rows; skips the test where the shared folder isn't there.</summary>
    public static IEnumerable<JsonElement> Rows(params string[] parts) =>
        File.ReadLines(SharedFolder.Require(["goldens", .. parts])).Select(line => JsonElement.Parse(line));

    public static int[] Ints(this JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];

    public static string[] Strings(this JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];
}
