using System.Text.Json;

namespace Dray.Inference.Tests.Tokenization;

/// <summary>Rows of the small files beside the tests.</summary>
internal static class Fixture
{
    public static IEnumerable<JsonElement> Rows(string name) => File
        .ReadLines(Path.Combine(SharedFolder.Repository, "tests", "Dray.Inference.Tests", "Fixtures", "Tokenization", name))
        .Select(line => JsonElement.Parse(line));
}
