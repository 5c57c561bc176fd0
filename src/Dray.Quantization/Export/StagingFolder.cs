using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Export;

/// <summary>
/// The folder beside an output in which a checkpoint comes about, <c>OUTPUT.partial</c>: the plan, a file for each finished block, and at the end the
/// checkpoint, which is moved into its place in one step. Whatever stops the process, a block's file is whole or not there.
/// </summary>
internal sealed class StagingFolder : IDisposable
{
    private const string Suffix = ".partial";
    private const string PlanFile = "plan.json";
    private const string LockFile = "lock";
    private const string PreviousFolder = "previous";
    private const string CheckpointFolder = "checkpoint";
    private const string UnfinishedSuffix = ".writing";

    private readonly string _output;
    private readonly FileStream _lock;

    private StagingFolder(string output, string folder, FileStream held) => (_output, Path, _lock) = (output, folder, held);

    /// <summary>Gets the folder.</summary>
    public string Path { get; }

    /// <summary>Gets the folder for the files of the finished checkpoint.</summary>
    public string Checkpoint => System.IO.Path.Combine(Path, CheckpointFolder);

    /// <summary>The folder of an output.</summary>
    public static string Of(string output) => System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(output)) + Suffix;

    /// <summary>Opens the folder of an output.</summary>
    /// <param name="output">Where the checkpoint is to be.</param>
    /// <param name="plan">All that decides about the result; a run can go on only with the same.</param>
    /// <param name="resumes">Whether blocks of an earlier run are taken.</param>
    /// <param name="overwrites">Whether a checkpoint at the output is replaced, and an earlier run's blocks are thrown away where they aren't taken.</param>
    /// <exception cref="QuantizationException">The output is there already, another run is in the way, or the folder can't be written to.</exception>
    public static StagingFolder Open(string output, JsonObject plan, bool resumes, bool overwrites)
    {
        RequireReplaceable(output, overwrites);
        var folder = Of(output);
        if (Directory.Exists(folder) && !resumes && !overwrites)
        {
            throw Refused(
                $"{folder} holds the work of a run that was interrupted; add --resume to go on with it, or --force to start over.");
        }

        try
        {
            Directory.CreateDirectory(folder);
            var staging = new StagingFolder(output, folder, Lock(folder));
            try
            {
                staging.Adopt(plan, resumes);
                return staging;
            }
            catch
            {
                staging._lock.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or DirectoryNotFoundException || (exception is IOException && !DiskSpace.IsExhausted(exception)))
        {
            throw Refused($"{folder} can't be written to: {exception.Message}", exception);
        }
    }

    /// <summary>Whether a block is done.</summary>
    public bool Has(int block) => File.Exists(WeightsOf(block));

    /// <summary>Keeps a finished block.</summary>
    /// <param name="report">How it fared.</param>
    /// <param name="tensors">Its quantized layers.</param>
    public void Write(BlockReport report, IEnumerable<TensorOutput> tensors)
    {
        // The weights last: a block that has them has all.
        WriteDurably(ReportOf(report.Block), path => WriteText(path, JsonSerializer.Serialize(report, ExportJson.Options)));
        WriteDurably(WeightsOf(report.Block), path => SafetensorsWriter.Write(path, tensors, CancellationToken.None));
    }

    /// <summary>How a finished block fared.</summary>
    public BlockReport ReadReport(int block) => JsonSerializer.Deserialize<BlockReport>(File.ReadAllText(ReportOf(block)), ExportJson.Options)!;

    /// <summary>The tensors of a finished block, to be disposed of.</summary>
    public SafetensorsFile OpenWeights(int block) => SafetensorsFile.Open(WeightsOf(block));

    /// <summary>The layers of a finished block as they were before they were packed, by their name within it.</summary>
    public IReadOnlyDictionary<string, QuantizedWeight> ReadWeights(int block, IEnumerable<PlannedLayer> layers, bool zeroMinusOne)
    {
        using var file = OpenWeights(block);
        return layers.Where(layer => layer.Scheme is not null).ToDictionary(layer => layer.Name, layer => Unpack(file, layer, zeroMinusOne));
    }

    /// <summary>Puts the finished checkpoint into its place and throws everything else away.</summary>
    public void Complete()
    {
        if (Directory.Exists(_output))
        {
            var previous = System.IO.Path.Combine(Path, PreviousFolder);
            if (Directory.Exists(previous)) Directory.Delete(previous, recursive: true);
            Directory.Move(_output, previous);
        }

        Directory.Move(Checkpoint, _output);
        _lock.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    /// <summary>Lets go of the folder; where no block is done, nothing of it is worth keeping.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        if (Directory.Exists(Path) && !Directory.EnumerateFiles(Path, "block-*").Any()) Directory.Delete(Path, recursive: true);
    }

    private static void RequireReplaceable(string output, bool overwrites)
    {
        if (File.Exists(output)) throw Refused($"{output} is a file; give a folder that is to be made.");
        if (!Directory.Exists(output) || !Directory.EnumerateFileSystemEntries(output).Any()) return;
        if (!overwrites) throw Refused($"{output} is there already; add --force to replace it, or give another folder.");
        if (!File.Exists(System.IO.Path.Combine(output, "config.json")))
            throw Refused($"{output} is there already and is no checkpoint, so it isn't replaced even with --force; give another folder.");
    }

    private static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException exception) when (exception is not DirectoryNotFoundException && !DiskSpace.IsExhausted(exception))
        {
            throw Refused($"{folder} is in use by another run; wait for its end, or give another folder.", exception);
        }
    }

    private void Adopt(JsonObject plan, bool resumes)
    {
        var file = System.IO.Path.Combine(Path, PlanFile);
        if (resumes && File.Exists(file))
        {
            RequireEqual(JsonNode.Parse(File.ReadAllText(file))!.AsObject(), plan);
            if (Directory.Exists(Checkpoint)) Directory.Delete(Checkpoint, recursive: true);
            return;
        }

        foreach (var entry in new DirectoryInfo(Path).EnumerateFileSystemInfos().Where(entry => entry.Name != LockFile))
        {
            if (entry is DirectoryInfo directory) directory.Delete(recursive: true);
            else entry.Delete();
        }

        WriteDurably(file, path => WriteText(path, ExportJson.Text(plan)));
    }

    private void RequireEqual(JsonObject before, JsonObject now)
    {
        string[] differences =
        [
            .. now.Select(entry => entry.Key).Union(before.Select(entry => entry.Key))
                .Where(key => !JsonNode.DeepEquals(before[key], now[key]))
                .Select(key => $"{key} was {Show(before[key])} and is {Show(now[key])}"),
        ];
        if (differences.Length > 0)
        {
            throw Refused(
                $"{Path} holds the work of a run with other settings: {string.Join("; ", differences)}. " +
                "Give the same ones to go on with it, or --force without --resume to start over.");
        }
    }

    private static string Show(JsonNode? value) => value?.ToJsonString() ?? "absent";

    private static void WriteDurably(string file, Action<string> write)
    {
        write(file + UnfinishedSuffix);
        File.Move(file + UnfinishedSuffix, file, overwrite: true);
    }

    private static void WriteText(string path, string text)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }

    private static QuantizedWeight Unpack(SafetensorsFile file, PlannedLayer layer, bool zeroMinusOne)
    {
        var weight = new QuantizedWeight(layer.Outputs, layer.Inputs, layer.Scheme!.Value);
        var tensors = new PackedTensors(
            file.Tensors[layer.StoredName + ".qweight"], file.Tensors[layer.StoredName + ".qzeros"], file.Tensors[layer.StoredName + ".scales"], DataType.Float16);
        var packed = new GptqLinear(
            layer.Module, layer.Outputs, layer.Inputs, weight.Scheme.Bits, weight.Scheme.GroupWidth(layer.Inputs), tensors, zeroMinusOne);
        packed.ReadCodes(0, layer.Outputs, weight.Codes);
        var zeros = new short[weight.Zeros.Length];
        packed.ReadScales(0, layer.Outputs, weight.Scales, zeros);
        for (var i = 0; i < zeros.Length; i++) weight.Zeros[i] = (byte)zeros[i];
        return weight;
    }

    private string WeightsOf(int block) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"block-{block:D5}.safetensors"));

    private string ReportOf(int block) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"block-{block:D5}.json"));

    private static QuantizationException Refused(string message, Exception? cause = null) => new(QuantizationProblem.OutputRefused, message, cause);
}
