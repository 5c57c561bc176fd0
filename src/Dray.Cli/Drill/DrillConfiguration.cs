using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dray.Cli.Configuration;

namespace Dray.Cli.Drill;

/// <summary>
/// The configuration file of a drill's workers: the user's, without what a drill decides itself, and without the webhook, for nobody is to
/// hear of its batches.
/// </summary>
internal static partial class DrillConfiguration
{
    private const int MostChunkRows = 64;

    /// <summary>How many chunks a worker gets on average: enough that a fault hits some while others are untouched.</summary>
    private const int ChunksPerWorker = 6;

    /// <summary>Writes it.</summary>
    /// <param name="file">Where to; readable by this user only.</param>
    /// <param name="source">The user's file, or null where there is none.</param>
    /// <param name="configuration">What that file and the command line say.</param>
    /// <param name="rows">The drill's rows.</param>
    /// <param name="workers">Its workers.</param>
    public static void Write(string file, string? source, DrayConfiguration configuration, int rows, int workers)
    {
        var lines = source is null ? [] : WithoutOwn(File.ReadLines(source)).ToList();
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"chunk_rows: {Math.Clamp(rows / (workers * ChunksPerWorker), 1, MostChunkRows)}"));
        lines.Add($"device: {configuration.Device}");
        if (configuration.Threads is { } threads) lines.Add(string.Create(CultureInfo.InvariantCulture, $"threads: {threads}"));
        if (configuration.BrokerCaFile is { } authority) lines.Add($"broker_ca_file: {JsonSerializer.Serialize(authority)}");
        if (configuration.BrokerCertificateFile is { } certificate) lines.Add($"broker_certificate_file: {JsonSerializer.Serialize(certificate)}");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        foreach (var line in lines) writer.WriteLine(line);
    }

    // A key's value may go on in lines that are indented or begin with a dash.
    private static IEnumerable<string> WithoutOwn(IEnumerable<string> lines)
    {
        var isOwn = false;
        foreach (var line in lines)
        {
            if (line.Length > 0 && (char.IsLetter(line[0]) || line[0] is '"' or '\'')) isOwn = OwnKey().IsMatch(line);
            if (!isOwn && line is not ("---" or "...")) yield return line;
        }
    }

    [GeneratedRegex("""^["']?(broker|store|model|host|port|chunk_rows|device|threads|broker_ca_file|broker_certificate_file|webhook_[a-z_]+)["']?\s*:""", RegexOptions.CultureInvariant)]
    private static partial Regex OwnKey();
}
