using System.Globalization;
using System.Text.Json;
using Dray.Worker.Embedded;
using Dray.Worker.Storage;

namespace Dray.Cli.Labelling;

/// <summary>
/// What a run keeps beside its output until that is whole: the labels of each part of the rows that is done, and the store of the one that isn't.
/// Held by one run at a time; the system lets go of it when the run dies.
/// </summary>
internal sealed class LabelFolder : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _lock;

    private LabelFolder(string folder, FileStream held) => (_folder, _lock) = (folder, held);

    /// <summary>Gets the file that a part's rows are written to.</summary>
    public string RowsFile => Path.Combine(_folder, "rows.jsonl");

    /// <summary>Gets the folder of the batch that runs.</summary>
    public string BatchFolder => Path.Combine(_folder, "batch");

    /// <summary>Gets the file that the output is written to before it is whole.</summary>
    public string OutputFile => Path.Combine(_folder, "output");

    /// <summary>The folder beside an output.</summary>
    public static string Of(string output) => $"{Path.GetFullPath(output)}.dray";

    /// <summary>Takes the folder, which is made where there is none.</summary>
    /// <exception cref="EmbeddedBatchException">Another run holds it.</exception>
    public static LabelFolder Take(string output)
    {
        var folder = Directory.CreateDirectory(Of(output)).FullName;
        try
        {
            return new LabelFolder(folder, ExclusiveFile.Open(Path.Combine(folder, "lock"), FileMode.OpenOrCreate));
        }
        catch (IOException e) when (ExclusiveFile.IsHeld(e))
        {
            throw new EmbeddedBatchException(EmbeddedBatchProblem.OutputBusy, $"Another run is labelling for '{output}'; wait for it to end, or choose another output.", e);
        }
    }

    /// <summary>What is known of a part that is done, or null where it isn't.</summary>
    /// <param name="part">Its number.</param>
    /// <param name="identity">What its labels depend on.</param>
    public LabelPartHeader? TryRead(int part, string identity)
    {
        if (!File.Exists(LabelsFile(part))) return null;
        using var file = File.OpenText(LabelsFile(part));
        return file.ReadLine() is { } line && JsonSerializer.Deserialize<LabelPartHeader>(line) is { } header && header.Identity == identity ? header : null;
    }

    /// <summary>Keeps the labels of a part that is done.</summary>
    public void Write(int part, LabelPartHeader header, IEnumerable<Label> labels)
    {
        var temporary = LabelsFile(part) + ".new";
        using (var file = new StreamWriter(temporary))
        {
            file.Write(JsonSerializer.Serialize(header) + "\n");
            foreach (var label in labels) file.Write(JsonSerializer.Serialize(label) + "\n");
            file.Flush();
            ((FileStream)file.BaseStream).Flush(flushToDisk: true);
        }

        File.Move(temporary, LabelsFile(part), overwrite: true);
        if (Directory.Exists(BatchFolder)) Directory.Delete(BatchFolder, recursive: true);
    }

    /// <summary>The labels of the first parts, in the order of the rows.</summary>
    public IEnumerable<Label> Labels(int parts)
    {
        for (var part = 0; part < parts; part++)
        {
            foreach (var line in File.ReadLines(LabelsFile(part)).Skip(1)) yield return JsonSerializer.Deserialize<Label>(line)!;
        }
    }

    /// <summary>Puts the output in its place and removes the folder.</summary>
    public void Finish(string output)
    {
        File.Move(OutputFile, output, overwrite: true);
        _lock.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _lock.Dispose();

    private string LabelsFile(int part) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"labels-{part:D6}.jsonl"));
}
