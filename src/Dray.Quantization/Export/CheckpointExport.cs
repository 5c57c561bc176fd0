using System.Globalization;
using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;

namespace Dray.Quantization.Export;

/// <summary>Writes a quantized checkpoint's folder from its source and the layers that replace some of the source's tensors.</summary>
/// <param name="source">The source.</param>
/// <param name="plan">What was quantized.</param>
/// <param name="options">How.</param>
internal sealed class CheckpointExport(Checkpoint source, QuantizationPlan plan, QuantizationOptions options)
{
    private const string ConfigFile = "config.json";
    private const string QuantizationFile = "quantization_config.json";
    private const string IndexFile = "model.safetensors.index.json";
    private const string SingleFile = "model.safetensors";
    private const string QuantizationKey = "quantization_config";

    private static readonly string[] CarriedExtensions = [".json", ".txt", ".jinja", ".model", ".py"];
    private static readonly string[] CarriedNames = ["LICENSE", "NOTICE"];
    private static readonly string[] WrittenFiles = [ConfigFile, QuantizationFile, IndexFile, ModelCard.ReportFile];

    /// <summary>Gets the tensors that are the source's own, byte for byte.</summary>
    public IReadOnlyList<StoredTensor> Kept { get; } = KeptOf(source, plan);

    /// <summary>Gets the bytes of all tensors of the checkpoint.</summary>
    public long TotalBytes { get; } = KeptOf(source, plan).Sum(tensor => tensor.Length) + plan.Quantized.Sum(BytesOf);

    /// <summary>Bytes of a quantized layer's tensors.</summary>
    public static long BytesOf(PlannedLayer layer) => PackedWeight.BytesOf(layer.Outputs, layer.Inputs, layer.Scheme!.Value);

    /// <summary>Writes all files but the model card.</summary>
    /// <param name="folder">Where to; it is made.</param>
    /// <param name="quantized">The quantized layers' tensors.</param>
    /// <param name="cancellationToken">Stops between two tensors.</param>
    public void Write(string folder, IEnumerable<StoredTensor> quantized, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in new DirectoryInfo(source.Folder).EnumerateFiles().Where(IsCarried)) file.CopyTo(Path.Combine(folder, file.Name));
        var config = QuantizationConfigJson.Of(plan, options);
        File.WriteAllText(Path.Combine(folder, QuantizationFile), ExportJson.Text(config));
        WriteConfig(folder, config);
        WriteWeights(folder, [.. Kept.Concat(quantized).Select(TensorOutput.Copy)], cancellationToken);
    }

    private static List<StoredTensor> KeptOf(Checkpoint source, QuantizationPlan plan)
    {
        var replaced = plan.Quantized.Select(layer => layer.StoredName + ".weight").ToHashSet(StringComparer.Ordinal);

        // A file may hold tensors that the index doesn't list; they are no part of the checkpoint.
        return [.. source.Tensors.Where(tensor => !replaced.Contains(tensor.Name) && source.Find(ModuleNames.Canonical(tensor.Name)) == tensor)];
    }

    private static bool IsCarried(FileInfo file) =>
        !WrittenFiles.Contains(file.Name, StringComparer.OrdinalIgnoreCase) &&
        (CarriedExtensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase) ||
            CarriedNames.Any(name => file.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase)));

    private void WriteConfig(string folder, JsonObject quantization)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(source.Folder, ConfigFile)))!.AsObject();
        config[QuantizationKey] = quantization.DeepClone();
        File.WriteAllText(Path.Combine(folder, ConfigFile), ExportJson.Text(config) + "\n");
    }

    private void WriteWeights(string folder, List<TensorOutput> tensors, CancellationToken cancellationToken)
    {
        var shards = Shards(tensors, options.MaxShardBytes);
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, SingleFile), tensors, cancellationToken);
            return;
        }

        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors");
            SafetensorsWriter.Write(Path.Combine(folder, name), shards[i], cancellationToken);
            foreach (var tensor in shards[i]) map.Add(tensor.Name, name);
        }

        var index = new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = tensors.Sum(tensor => tensor.Length) },
            ["weight_map"] = new JsonObject(map.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, entry.Value))),
        };
        File.WriteAllText(Path.Combine(folder, IndexFile), ExportJson.Text(index) + "\n");
    }

    private static List<List<TensorOutput>> Shards(List<TensorOutput> tensors, long mostBytes)
    {
        var shards = new List<List<TensorOutput>>();
        var bytes = long.MaxValue;
        foreach (var tensor in tensors)
        {
            if (bytes > mostBytes - tensor.Length)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(tensor);
            bytes += tensor.Length;
        }

        return shards;
    }
}
