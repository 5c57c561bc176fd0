using System.Globalization;
using System.Text.Json;

namespace Dray.Cli.Drill;

/// <summary>The rows of a drill: short prompts made from a seed, of which a few can't be answered and a few repeat others.</summary>
internal static class DrillJobs
{
    private const int RowsPerBad = 50;
    private const int RowsPerRepeat = 40;
    private const int MaxTokens = 6;
    private static readonly string[] Things = ["soup", "museum", "hotel", "train", "laptop", "match", "film", "bank", "clinic", "bridge", "garden", "market"];
    private static readonly string[] Words = ["cold", "boring", "wonderful", "late", "fast", "exciting", "long", "expensive", "friendly", "new", "quiet", "broken"];

    /// <summary>Writes the rows.</summary>
    public static async Task WriteAsync(string file, int rows, int seed, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(file);
        var random = new Random(seed);
        var last = Body(random, 0);
        for (var row = 0; row < rows; row++)
        {
            if (row % RowsPerRepeat != RowsPerRepeat - 1) last = Body(random, row);
            var body = row % RowsPerBad == RowsPerBad - 1 ? new { messages = "none" } : last;
            var line = new
            {
                custom_id = string.Create(CultureInfo.InvariantCulture, $"drill-{row:D6}"),
                method = "POST",
                url = "/v1/chat/completions",
                body,
            };
            await writer.WriteLineAsync(JsonSerializer.Serialize(line).AsMemory(), cancellationToken);
        }
    }

    // Half of the rows are sampled: what a row answers mustn't depend on who runs it beside what.
    private static object Body(Random random, int row) => new
    {
        messages = new[]
        {
            new
            {
                role = "user",
                content = string.Create(
                    CultureInfo.InvariantCulture,
                    $"The {Pick(random, Things)} was {Pick(random, Words)}, {row}."),
            },
        },
        max_tokens = MaxTokens,
        temperature = row % 2 == 0 ? 0 : 0.8,
        seed = row,
    };

    private static string Pick(Random random, string[] words) => words[random.Next(words.Length)];
}
