using Dray.Inference.Compute;

namespace Dray.Inference.Checkpoints;

/// <summary>Opens every matrix of a checkpoint, which checks it, and reports what there is and what it needs.</summary>
public static class CheckpointInspector
{
    private static readonly int[] UsualContexts = [4096, 32768];

    /// <summary>Inspects a folder.</summary>
    /// <exception cref="CheckpointException">The checkpoint is damaged or not supported.</exception>
    public static CheckpointReport Inspect(string folder)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return Inspect(checkpoint);
    }

    /// <summary>Inspects an open checkpoint.</summary>
    /// <exception cref="CheckpointException">A matrix is missing, or has another shape or type than the configuration says.</exception>
    public static CheckpointReport Inspect(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var config = checkpoint.Config;
        var counts = new SortedDictionary<(int Bits, int GroupSize), (int Count, long Parameters)>();
        var (parameters, weightBytes) = (0L, 0L);
        var schemes = config.Quantization is { } quantization ? new LayerSchemes(quantization) : null;
        var ignored = new List<string>();
        foreach (var (module, (outputs, inputs)) in checkpoint.Matrices)
        {
            var linear = checkpoint.Linear(module);
            var size = (long)outputs * inputs;
            parameters += size;
            weightBytes += PackedBytes(linear, schemes?.Of(module));
            var key = linear is QuantizedLinear packed
                ? (packed.Bits, packed.GroupSize)
                : (8 * Widening.SizeOf(((DenseLinear)linear).DataType), 0);
            var before = counts.GetValueOrDefault(key);
            counts[key] = (before.Count + 1, before.Parameters + size);
            if (schemes is not null && !schemes.Of(module).IsQuantized) ignored.Add(module);
        }

        foreach (var (module, length) in ModuleShapes.GainsOf(config))
        {
            parameters += checkpoint.Vector(module, length).Length;
            weightBytes += (long)length * sizeof(float);
        }

        return new CheckpointReport
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkpoint.Folder))),
            Architecture = config.Architecture,
            Digest = checkpoint.Digest,
            Text = config.Text,
            Vision = config.Vision,
            Quantization = config.Quantization is null ? null : Summarize(config.Quantization, counts, ignored),
            Parameters = parameters,
            Files = checkpoint.Tensors.Select(tensor => tensor.Shard).Distinct().Count(),
            BytesOnDisk = checkpoint.TotalBytes,
            WeightBytes = weightBytes,
            KvCache = [.. KvCacheDataTypes.All.Select(type => KvOf(type, config.Text, weightBytes))],
            UnusedTensors = checkpoint.UnreadTensors,
        };
    }

    private static long PackedBytes(LinearSource linear, LayerScheme? scheme)
    {
        if (linear is not QuantizedLinear packed)
            return (long)linear.Outputs * linear.Inputs * Widening.SizeOf(((DenseLinear)linear).DataType);
        var groupBytes = scheme is { Symmetric: true } ? 2 : 3;
        return ((long)packed.Outputs * packed.Inputs * packed.Bits / 8) + ((long)packed.Outputs * packed.Groups * groupBytes);
    }

    private static QuantizationSummary Summarize(
        QuantizationConfig config,
        SortedDictionary<(int Bits, int GroupSize), (int Count, long Parameters)> counts,
        List<string> ignored) => new(
        config.Method,
        config.PackingName,
        $"W{config.Default.Bits}A16",
        config.Default.GroupSize,
        config.Default.Symmetric,
        [.. counts.Select(entry => new MatrixCount(
            entry.Key.Bits, entry.Key.GroupSize == 0 ? null : entry.Key.GroupSize, entry.Value.Count, entry.Value.Parameters))],
        ignored);

    private static KvMemory KvOf(KvCacheDataType type, TextConfig text, long weightBytes)
    {
        var perToken = new KvCacheShape(text.Layers, 1, text.KvHeads, text.HeadDim, type).BytesPerToken;
        var contexts = UsualContexts.Where(tokens => tokens < text.ContextLength).Append(text.ContextLength);
        return new KvMemory(
            KvCacheDataTypes.NameOf(type),
            perToken,
            [.. contexts.Select(tokens => new ContextMemory(tokens, perToken * tokens, weightBytes + (perToken * tokens)))]);
    }
}
