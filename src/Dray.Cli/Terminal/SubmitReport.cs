using System.Globalization;
using System.Text.Json;
using Dray.Worker.Client;

namespace Dray.Cli.Terminal;

/// <summary>What there is to say about a batch that was submitted.</summary>
internal static class SubmitReport
{
    private const int MostNames = 3;

    public static async Task RemarkAsync(SubmitResult result, TextWriter error)
    {
        var pictures = result.Pictures > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {result.Pictures} pictures") : "";
        var before = result.EarlierStatus is { } status ? $"; it was submitted before and is {JsonSerializer.Serialize(status).Trim('"')}"
            : result.IsRepeated ? "; it was submitted before, and no worker has seen it yet"
            : "";
        await error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{result.Rows} rows ({result.Bytes / 1e6:F1} MB){pictures} are in the store{before}."));
        if (result.UnreadableRows > 0)
            await error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{result.UnreadableRows} rows can't be read and will fail; 'dray validate' names them."));
        if (result.MissingPictures.Count == 0) return;
        var names = string.Join(", ", result.MissingPictures.Take(MostNames)) + (result.MissingPictures.Count > MostNames ? ", ..." : "");
        await error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{result.MissingPictures.Count} pictures can't be read, and the rows that name them will fail: {names}"));
    }
}
