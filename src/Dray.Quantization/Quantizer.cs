using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Calibration;
using Dray.Quantization.Calibration.Records;
using Dray.Quantization.Export;
using Dray.Quantization.Rounding;

namespace Dray.Quantization;

/// <summary>
/// Makes a quantized checkpoint of one in 16 bits, block by block: one block's weights are in memory at a time. Finished blocks are kept beside the
/// output until all are done, so that a run that was stopped can go on, and nothing half-written passes for a checkpoint.
/// </summary>
/// <param name="sourceFolder">The checkpoint to quantize.</param>
/// <param name="output">The folder to write.</param>
/// <param name="options">How.</param>
/// <param name="backend">Its threads do the work.</param>
/// <param name="createBlockQuantizer">Makes what quantizes the source's blocks, and tells what the operator should know.</param>
public sealed class Quantizer(
    string sourceFolder, string output, QuantizationOptions options, CpuBackend backend, Func<Checkpoint, Action<string>, IBlockQuantizer> createBlockQuantizer)
{
    private readonly string _output = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));

    /// <summary>The folder that the finished blocks of an output are kept in until it is complete.</summary>
    public static string PartialFolderOf(string output) => StagingFolder.Of(output);

    /// <summary>Gets whether the blocks of a run that was stopped are taken.</summary>
    public bool Resumes { get; init; }

    /// <summary>Gets whether a checkpoint at the output is replaced.</summary>
    public bool Overwrites { get; init; }

    /// <summary>Gets what is told at once what the operator should know, in sentences; the report has them all.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Gets the clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets what tells the bytes that are free where a folder is.</summary>
    internal Func<string, long> FreeBytes { get; init; } = DiskSpace.FreeAt;

    /// <summary>Quantizes.</summary>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; the finished blocks are kept.</param>
    /// <exception cref="ArgumentException">An option is wrong or doesn't suit the model.</exception>
    /// <exception cref="CheckpointException">The source can't be read or quantized.</exception>
    /// <exception cref="CalibrationException">The calibration text can't be read, or there is too little.</exception>
    /// <exception cref="QuantizationException">The output can't be written.</exception>
    public QuantizationReport Run(IProgress<QuantizationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        using var source = Checkpoint.Open(sourceFolder);
        RequireApart(source.Folder);
        var plan = new QuantizationPlan(source, options);
        var export = new CheckpointExport(source, plan, options);
        using var staging = StagingFolder.Open(_output, Identity(source), Resumes, Overwrites);
        try
        {
            RequireRoom(staging, plan, export);
            var warnings = new List<string>();
            void Note(string warning)
            {
                warnings.Add(warning);
                Warn(warning);
            }

            NoteShapeless(plan, Note);
            if (!IsComplete(staging, plan)) QuantizeBlocks(source, plan, staging, Note, progress, cancellationToken);
            progress?.Report(new QuantizationProgress(plan.Blocks.Count, plan.Blocks.Count, 0, 0, options.Iterations, null, null, TimeSpan.Zero));
            var blocks = Enumerable.Range(0, plan.Blocks.Count).Select(staging.ReadReport).ToList();
            var report = new QuantizationReport
            {
                Dray = QuantizationConfigJson.Version,
                Source = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Folder))),
                SourceDigest = source.Digest,
                Options = options,
                Layers = Summarise(plan),
                Blocks = blocks,
                BytesBefore = export.Kept.Sum(tensor => tensor.Length) + plan.Quantized.Sum(layer => source.Find(layer.Module + ".weight")!.Length),
                BytesAfter = export.TotalBytes,
                Seconds = blocks.Sum(block => block.Seconds),
                Warnings = [.. warnings, .. blocks.Select(block => block.Warning).OfType<string>()],
            };
            Assemble(staging, export, report, cancellationToken);
            return report;
        }
        catch (IOException exception) when (DiskSpace.IsExhausted(exception))
        {
            throw Full(staging, plan, export, exception);
        }
    }

    private static bool IsComplete(StagingFolder staging, QuantizationPlan plan) =>
        Enumerable.Range(0, plan.Blocks.Count + (plan.Head?.Scheme is null ? 0 : 1)).All(staging.Has);

    private void QuantizeBlocks(
        Checkpoint source,
        QuantizationPlan plan,
        StagingFolder staging,
        Action<string> note,
        IProgress<QuantizationProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var quantizer = createBlockQuantizer(source, note);
        var count = plan.Blocks.Count;
        var started = Time.GetTimestamp();
        var resumed = 0;
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var layers = plan.Blocks[i];
            var block = BlockReader.Read(source, i, layers);
            if (staging.Has(i))
            {
                quantizer.Replay(block, staging.ReadWeights(i, layers, plan.ZeroMinusOne));
                resumed = i + 1;
                started = Time.GetTimestamp();
                continue;
            }

            void Tell(int iteration, double? loss, BlockReport? finished) => progress?.Report(new QuantizationProgress(
                i, count, resumed, iteration, options.Iterations, loss, finished, Time.GetElapsedTime(started)));
            Tell(0, null, null);
            var begun = Time.GetTimestamp();
            var result = quantizer.Quantize(block, new IterationProgress((iteration, loss) => Tell(iteration, loss, null)), cancellationToken);
            var report = new BlockReport(i, result.Losses, result.BestIteration, Time.GetElapsedTime(begun).TotalSeconds, result.Warning);
            staging.Write(report, layers.Where(layer => layer.Scheme is not null).SelectMany(layer => Pack(layer, result.Weights[layer.Name], plan)));
            if (report.Warning is { } warning) Warn(warning);
            Tell(options.Iterations, report.BestLoss, report);
        }

        if (plan.Head is { Scheme: not null } head && !staging.Has(count))
        {
            var weight = RoundToNearest.Quantize(BlockReader.ReadLayer(source, head), backend.Team);
            staging.Write(new BlockReport(count, [], 0, 0, null), Pack(head, weight, plan));
        }
    }

    private static IEnumerable<TensorOutput> Pack(PlannedLayer layer, QuantizedWeight weight, QuantizationPlan plan) =>
        TensorOutput.Of(layer.StoredName, PackedWeight.Of(weight, plan.ZeroMinusOne), layer.Outputs);

    private void Assemble(StagingFolder staging, CheckpointExport export, QuantizationReport report, CancellationToken cancellationToken)
    {
        var files = new List<SafetensorsFile>();
        try
        {
            for (var i = 0; staging.Has(i); i++) files.Add(staging.OpenWeights(i));
            export.Write(staging.Checkpoint, files.SelectMany(file => file.Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)), cancellationToken);
            ModelCard.Write(staging.Checkpoint, Path.GetFileName(_output), report);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }

        staging.Complete();
    }

    /// <summary>All that decides about the result, to tell whether an earlier run's blocks belong to this one.</summary>
    private JsonObject Identity(Checkpoint source)
    {
        var json = JsonSerializer.SerializeToNode(options with { MaxShardBytes = default, SpillFolder = null }, ExportJson.Options)!.AsObject();
        json["source"] = source.Fingerprint;
        json["dray"] = QuantizationConfigJson.Version;
        if (options is { NeedsCalibration: true, Dataset: { } dataset }) json["calibration"] = CalibrationIdentity(dataset);
        return json;
    }

    /// <summary>A digest of the files that samples are made of: of names, lengths and times, since texts may be large.</summary>
    private static string CalibrationIdentity(string dataset)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in DatasetSpec.Parse(dataset).Sources.SelectMany(SourceFiles.Of).Select(path => new FileInfo(path)))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file.FullName));
            hash.AppendData(BitConverter.GetBytes(file.Length));
            hash.AppendData(BitConverter.GetBytes(file.LastWriteTimeUtc.Ticks));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void RequireApart(string source)
    {
        source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        if (IsWithin(_output, source) || IsWithin(source, _output))
        {
            throw new QuantizationException(
                QuantizationProblem.OutputRefused, $"The output {_output} and the source {source} are one folder, or one is inside of the other; give a folder elsewhere.");
        }
    }

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private void RequireRoom(StagingFolder staging, QuantizationPlan plan, CheckpointExport export)
    {
        if (FreeBytes(staging.Path) < NeededBytes(staging, plan, export)) throw Full(staging, plan, export, null);
    }

    private QuantizationException Full(StagingFolder staging, QuantizationPlan plan, CheckpointExport export, Exception? cause) => new(
        QuantizationProblem.DiskFull,
        $"The disk of {staging.Path} has {DiskSpace.Show(FreeBytes(staging.Path))} free, but {DiskSpace.Show(NeededBytes(staging, plan, export))} more are needed; " +
        "make room and run it again with --resume: the finished blocks are kept.",
        cause);

    // Finished blocks stay until the whole checkpoint is written.
    private static long NeededBytes(StagingFolder staging, QuantizationPlan plan, CheckpointExport export)
    {
        var blocks = plan.Blocks.Append(plan.Head is null ? [] : [plan.Head]);
        var missing = blocks.Where((_, block) => !staging.Has(block)).SelectMany(layers => layers).Where(layer => layer.Scheme is not null);
        return export.TotalBytes + missing.Sum(CheckpointExport.BytesOf);
    }

    private static List<LayerSummary> Summarise(QuantizationPlan plan) =>
    [
        .. plan.Layers
            .GroupBy(layer => (layer.Name, layer.Outputs, layer.Inputs, layer.Scheme))
            .Select(group => new LayerSummary(
                group.Key.Name, group.Key.Outputs, group.Key.Inputs, group.Key.Scheme?.Bits ?? 16, group.Key.Scheme?.GroupSize, group.Key.Scheme?.IsSymmetric, group.Count())),
    ];

    private static void NoteShapeless(QuantizationPlan plan, Action<string> note)
    {
        var shapeless = plan.Layers.Where(layer => layer.KeptType == QuantizationPlan.ShapelessType).ToList();
        if (shapeless.Count == 0) return;
        note(
            $"{shapeless.Count} layers stay in 16 bits, because their sizes are no multiples of {PackedWeight.WordBits}; the first is {shapeless[0].StoredName} " +
            $"({shapeless[0].Outputs} by {shapeless[0].Inputs}).");
    }

    private sealed class IterationProgress(Action<int, double?> tell) : IProgress<(int Iteration, double Loss)>
    {
        public void Report((int Iteration, double Loss) value) => tell(value.Iteration, value.Loss);
    }
}
