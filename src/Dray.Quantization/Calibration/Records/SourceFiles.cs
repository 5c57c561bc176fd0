namespace Dray.Quantization.Calibration.Records;

/// <summary>The files that a source stands for: itself, or those of a folder.</summary>
internal static class SourceFiles
{
    private static readonly string[] Extensions = [".jsonl", ".ndjson", ".json", ".parquet", ".csv", ".tsv", ".txt", ".md", ".raw"];

    /// <summary>Not endlessly deep: folders may link to those above them.</summary>
    private static readonly EnumerationOptions Below = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.None,
    };

    /// <summary>What lies in a data set's folder without being data.</summary>
    private static readonly string[] Descriptions = ["README.md", "dataset_infos.json", "dataset_info.json", "dataset_dict.json", "state.json"];

    /// <summary>The paths, in ordinal order.</summary>
    /// <exception cref="CalibrationException">There is no such file or folder, or none of its files is one of the splits.</exception>
    public static IReadOnlyList<string> Of(DatasetSource source)
    {
        if (File.Exists(source.Path))
        {
            return source.Splits.Count == 0 ? [source.Path] : throw new CalibrationException(
                $"The calibration data '{source.Path}' is a file, which has no splits; take split={string.Join('+', source.Splits)} out.");
        }

        if (!Directory.Exists(source.Path))
        {
            throw new CalibrationException(
                $"The calibration data '{source.Path}' is neither a file nor a folder. Dray downloads nothing: save a data set of the " +
                "Hugging Face Hub as .jsonl, .json, .parquet, .csv or text and give that path.");
        }

        var files = Directory.EnumerateFiles(source.Path, "*", Below)
            .Where(file => IsData(Path.GetRelativePath(source.Path, file), source.Splits))
            .Take(RecordLimits.Files + 1)
            .Order(StringComparer.Ordinal)
            .ToArray();
        return files.Length switch
        {
            0 => throw new CalibrationException(
                $"The folder '{source.Path}' has no file of the kinds {string.Join(' ', Extensions)}" +
                (source.Splits.Count == 0 ? "." : $" whose name begins with {string.Join(" or ", source.Splits)}; correct or leave out split=.")),
            > RecordLimits.Files => throw new CalibrationException(
                $"The folder '{source.Path}' has more than {RecordLimits.Files} files; join them into one .jsonl file."),
            _ => files,
        };
    }

    /// <summary>Whether a file of a folder counts: of a known kind, not hidden, not a description, and of a wanted split.</summary>
    private static bool IsData(string path, IReadOnlyList<string> splits)
    {
        var parts = path.Split(Path.DirectorySeparatorChar);
        return !parts.Any(part => part.StartsWith('.'))
            && !Descriptions.Contains(parts[^1], StringComparer.OrdinalIgnoreCase)
            && Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
            && (splits.Count == 0 || splits.Any(split => parts.Any(part => IsOf(split, part))));
    }

    /// <summary>Whether a name is a split's, as the Hub writes them: <c>train.jsonl</c>, <c>train-00000-of-00002.parquet</c>, <c>train/</c>.</summary>
    private static bool IsOf(string split, string name) =>
        name.StartsWith(split, StringComparison.OrdinalIgnoreCase) && (name.Length == split.Length || name[split.Length] is '-' or '.' or '_');
}
