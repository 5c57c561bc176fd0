namespace Dray.Quantization.Evaluation;

/// <summary>The folder of a report: its files come about in <c>OUTPUT.partial</c>, which takes its place in one step at the end.</summary>
public sealed class ReportFolder : IDisposable
{
    /// <summary>The file that every report has.</summary>
    public const string NumbersFile = "report.json";

    private readonly string _output;
    private readonly string _partial;

    private ReportFolder(string output, string partial) => (_output, _partial) = (output, partial);

    /// <summary>Begins a report.</summary>
    /// <param name="output">Where it is to be: a folder that isn't there, is empty, or holds a report that is replaced.</param>
    /// <exception cref="ArgumentException">Something else is there.</exception>
    public static ReportFolder Begin(string output)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        var isTaken = Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(Path.Combine(folder, NumbersFile));
        if (isTaken || File.Exists(folder)) throw new ArgumentException($"{output} is there already and is no report, so it isn't replaced; give another --output.");
        var partial = folder + ".partial";
        if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        Directory.CreateDirectory(partial);
        return new ReportFolder(folder, partial);
    }

    /// <summary>Writes a file.</summary>
    public void Write(string name, string text) => File.WriteAllText(Path.Combine(_partial, name), text);

    /// <summary>Writes a file.</summary>
    public void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(_partial, name), bytes);

    /// <summary>Puts the report into its place.</summary>
    public void Complete()
    {
        if (Directory.Exists(_output)) Directory.Delete(_output, recursive: true);
        Directory.Move(_partial, _output);
    }

    /// <summary>Throws away what isn't complete.</summary>
    public void Dispose()
    {
        if (Directory.Exists(_partial)) Directory.Delete(_partial, recursive: true);
    }
}
