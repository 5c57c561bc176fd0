using System.Globalization;
using Dray.Cli.Configuration;
using Dray.Inference;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Cli.Doctor;

/// <summary>Whether the checkpoint can be read, and whether it fits.</summary>
internal static class ModelCheck
{
    /// <summary>Opens headers, configuration, tokenizer and the vision encoder's description; reads no weights.</summary>
    public static async Task<IReadOnlyList<Finding>> LookAsync(DrayConfiguration configuration)
    {
        var report = CheckpointInspector.Inspect(configuration.Model!);
        await using var preflight = PreflightEngine.Load(configuration.Model!, configuration.Engine);
        return [Describe(report), Fits(report, configuration)];
    }

    private static Finding Describe(CheckpointReport report) => Finding.Ok("model", string.Create(
        CultureInfo.InvariantCulture,
        $"{report.Name}: {report.Architecture}, {report.Parameters / 1e6:F0} M parameters, {report.Quantization?.Scheme ?? "not quantized"}, {(report.Vision is null ? "reads text" : "reads text and pictures")}"));

    private static Finding Fits(CheckpointReport report, DrayConfiguration configuration)
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * configuration.Engine.GpuMemoryUtilization;
        var context = configuration.Engine.MaxModelLen ?? report.Text.ContextLength;
        var dtype = KvCacheDataTypes.NameOf(configuration.Engine.KvCacheDtype);
        var cache = (double)report.KvCache.First(kv => kv.Dtype == dtype).BytesPerToken * context;
        var need = string.Create(
            CultureInfo.InvariantCulture,
            $"{Gigabytes(report.WeightBytes):F1} GiB of weights and {Gigabytes(cache):F1} GiB of KV cache ({dtype}) for {context} tokens; {Gigabytes(available):F1} GiB of RAM may be used");
        if (report.WeightBytes > available)
            return Finding.Warn("model's memory", need, "The CPU can't hold it: use a GPU with enough memory, a smaller or more quantized checkpoint, or raise gpu_memory_utilization.");
        return report.WeightBytes + cache > available
            ? Finding.Warn("model's memory", need, "On the CPU the context will be shorter: lower max_model_len yourself, or give it more memory.")
            : Finding.Ok("model's memory", need);
    }

    private static double Gigabytes(double bytes) => bytes / (1 << 30);
}
