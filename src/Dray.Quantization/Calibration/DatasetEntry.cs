using System.Globalization;

namespace Dray.Quantization.Calibration;

/// <summary>Reads one entry of a <see cref="DatasetSpec"/>: a path and its options.</summary>
internal static class DatasetEntry
{
    private const int MostRepeats = 1000;
    private const int MostSamples = 1_000_000;

    /// <summary>Reads an entry such as <c>notes.txt:num=64:concat</c>.</summary>
    /// <exception cref="CalibrationException">The entry can't be understood.</exception>
    public static DatasetSource Parse(string entry)
    {
        var parts = DatasetText.Split(entry, ':');
        var path = DatasetText.Unquote(parts[0]);
        if (path.Length == 0)
            throw new CalibrationException($"The data set entry '{entry}' has no path; give a file's path before its options and between commas.");
        var source = new DatasetSource { Path = path };
        foreach (var part in parts.Skip(1)) source = With(source, part, entry);
        return source;
    }

    private static DatasetSource With(DatasetSource source, string part, string entry)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        var name = DatasetText.Unquote(equals < 0 ? part : part[..equals]);
        var value = equals < 0 ? null : DatasetText.Unquote(part[(equals + 1)..]);
        return name switch
        {
            "split" => source with { Splits = Splits(value, entry) },
            "num" => source with { Count = Number(name, value, MostSamples, entry) },
            "repeat" => source with { Repeat = Number(name, value, MostRepeats, entry) },
            "concat" => source with { Concatenate = Flag(name, value, entry) },
            "apply_chat_template" => source with { ApplyChatTemplate = Flag(name, value, entry) },
            "system_prompt" => source with { SystemPrompt = Text(name, value, entry), ApplyChatTemplate = true },
            _ => throw new CalibrationException(
                $"The data set entry '{entry}' has the option '{name}'; the options are split=, num=, repeat=, concat, " +
                "apply_chat_template and system_prompt=. A path with a colon or comma needs double quotes around it."),
        };
    }

    private static string[] Splits(string? value, string entry)
    {
        var splits = Text("split", value, entry).Split('+', StringSplitOptions.TrimEntries);
        return splits.All(split => split.Length > 0)
            ? splits
            : throw new CalibrationException($"The data set entry '{entry}' has an empty split; write split=train or split=train+test.");
    }

    private static string Text(string name, string? value, string entry) => string.IsNullOrEmpty(value)
        ? throw new CalibrationException($"The data set entry '{entry}' has '{name}' without a value; write {name}=VALUE.")
        : value;

    private static int Number(string name, string? value, int most, string entry) =>
        int.TryParse(Text(name, value, entry), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new CalibrationException(
                $"The data set entry '{entry}' has {name}={value}; write a whole number from 1 to {most.ToString(CultureInfo.InvariantCulture)}.");

    private static bool Flag(string name, string? value, string entry) => value?.ToUpperInvariant() switch
    {
        null or "TRUE" => true,
        "FALSE" => false,
        _ => throw new CalibrationException($"The data set entry '{entry}' has {name}={value}; write {name} or {name}=false."),
    };
}
