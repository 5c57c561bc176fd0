using System.Globalization;
using Dray.Inference.Checkpoints;

namespace Dray.Cli.Terminal;

/// <summary>A checkpoint's report as text.</summary>
internal static class InspectReport
{
    public static void Write(CheckpointReport report, TextWriter output)
    {
        var text = report.Text;
        output.WriteLine($"{report.Name}: {report.Architecture}, {report.Parameters / 1e6:F1} M parameters, {Size(report.BytesOnDisk)} in {report.Files} file(s)");
        output.WriteLine(
            $"text      {text.Layers} layers, hidden {text.HiddenSize}, {text.Heads} heads and {text.KvHeads} KV heads of {text.HeadDim}, intermediate {text.IntermediateSize}, " +
            $"vocabulary {text.VocabSize}, context {text.ContextLength}, rope theta {text.RopeTheta.ToString("G", CultureInfo.InvariantCulture)}");
        if (report.Vision is { } vision)
        {
            output.WriteLine(
                $"vision    {vision.Layers} layers, hidden {vision.HiddenSize}, {vision.Heads} heads of {vision.HeadDim}, intermediate {vision.IntermediateSize}, " +
                $"patches of {vision.PatchSize} merged {vision.MergeSize} x {vision.MergeSize}");
        }

        output.WriteLine(report.Quantization is { } quantization
            ? $"weights   {quantization.Scheme} ({quantization.Packing}, group {quantization.GroupSize}): " +
              string.Join(", ", quantization.Matrices.Select(matrices => $"{matrices.Count} matrices in {matrices.Bits} bits"))
            : "weights   not quantized");
        output.WriteLine($"memory    {Size(report.WeightBytes)} of weights");
        foreach (var kv in report.KvCache)
        {
            output.WriteLine($"          KV cache in {kv.Dtype}: {kv.BytesPerToken} bytes a token; " +
                string.Join(", ", kv.Contexts.Select(context => $"{Size(context.KvBytes)} for {context.Tokens} tokens")));
        }

        foreach (var name in report.UnusedTensors) output.WriteLine($"unused    {name}");
    }

    private static string Size(long bytes) => bytes < 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:F2} GiB");
}
