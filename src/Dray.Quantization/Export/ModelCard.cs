using System.Globalization;
using System.Text;
using Dray.Quantization.Tuning;

namespace Dray.Quantization.Export;

/// <summary>The files that describe a checkpoint to people: README.md, the plot of losses, and the same numbers as JSON.</summary>
internal static class ModelCard
{
    /// <summary>The name of the file with the numbers.</summary>
    public const string ReportFile = "quantization-report.json";

    private const string CardFile = "README.md";
    private const string PlotFile = "quantization-loss.png";

    /// <summary>Writes the files.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="name">What the checkpoint is called.</param>
    /// <param name="report">The numbers.</param>
    public static void Write(string folder, string name, QuantizationReport report)
    {
        DurableFile.Write(Path.Combine(folder, ReportFile), report.ToJson() + "\n");
        var plot = LossPlot.Draw(report.Blocks);
        if (plot is not null) DurableFile.Write(Path.Combine(folder, PlotFile), plot);
        DurableFile.Write(Path.Combine(folder, CardFile), Text(name, report, plot is not null));
    }

    private static string Text(string name, QuantizationReport report, bool hasPlot)
    {
        var card = new StringBuilder();
        var scheme = report.Options.Scheme;
        Line(card, $"---\nbase_model: {report.Source}\ntags:\n- auto-round\n- int{scheme.Bits}\n---\n");
        Line(card, $"# {name}\n");
        Line(card, $"{report.Source} with weights in {scheme.Bits} bits, made by `dray quantize` {report.Dray}: {MethodOf(report.Options)}.");
        Line(card, $"Tensors take {Size(report.BytesAfter)} instead of {Size(report.BytesBefore)}. The layout is AutoRound's, so other engines that read it read this.\n");
        Line(card, $"## Run it\n\n```sh\ndray run JOBS.jsonl --model {name}\n```\n");
        AddLayers(card, report);
        AddRecipe(card, report);
        foreach (var warning in report.Warnings) Line(card, $"> {warning}\n");
        if (report.Blocks.Any(block => block.FirstLoss is not null)) AddLosses(card, report, hasPlot);
        Line(card, $"The same numbers for programs: [{ReportFile}]({ReportFile}).");
        return card.ToString();
    }

    private static void AddLayers(StringBuilder card, QuantizationReport report)
    {
        Line(card, $"## Layers\n\n| layer | outputs | inputs | bits | group size | zero points | count |\n| --- | ---: | ---: | ---: | ---: | --- | ---: |");
        foreach (var layer in report.Layers)
        {
            var (group, zeros) = layer.GroupSize is null ? ("", "") : ($"{(layer.GroupSize == -1 ? layer.Inputs : layer.GroupSize)}", layer.Symmetric == true ? "middle" : "per group");
            Line(card, $"| {layer.Name} | {layer.Outputs} | {layer.Inputs} | {layer.Bits} | {group} | {zeros} | {layer.Count} |");
        }

        Line(card, $"\nEverything else (embeddings, norms{(report.Layers.Any(layer => layer.Name == "lm_head") ? "" : ", head")}, picture encoder) is the source's, byte for byte.\n");
    }

    private static void AddRecipe(StringBuilder card, QuantizationReport report)
    {
        var options = report.Options;
        Line(card, $"## Recipe\n\n| | |\n| --- | --- |");
        Line(card, $"| recipe | {options.Recipe} |\n| iterations per block | {options.Iterations} |");
        if (options.NeedsCalibration)
        {
            Line(card, $"| samples | {options.Samples} of {options.SequenceLength} tokens |\n| calibration text | {options.Dataset} |\n| seed | {options.Seed} |");
        }

        if (options.Iterations > 0)
        {
            var rate = options.LearningRate is { } given ? given.ToString(CultureInfo.InvariantCulture) : "1/iterations";
            Line(card, $"| batch size | {options.BatchSize} |\n| step size | {rate} |");
            Line(card, $"| loss | {LossOf(options.Loss)} |\n| scales begin with | {(options.SearchesScales ? "those that suit the activations best" : "the range of the weights")} |");
        }

        var time = TimeSpan.FromSeconds(report.Seconds);
        Line(card, $"| time | {(int)time.TotalHours} h {time.Minutes} min {time.Seconds} s |\n| source | {report.Source}, digest {report.SourceDigest[..16]} |\n");
    }

    private static void AddLosses(StringBuilder card, QuantizationReport report, bool hasPlot)
    {
        Line(card, $"## Losses\n\nOf each block's outputs, {LossOf(report.Options.Loss)}, per token that counts: before tuning and at the iteration that was kept.\n");
        if (hasPlot) Line(card, $"![The loss of each block over the iterations]({PlotFile})\n");
        Line(card, $"| block | before | kept | ratio | iteration | seconds |\n| ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var block in report.Blocks)
        {
            if (block is { FirstLoss: { } first, BestLoss: { } best })
                Line(card, $"| {block.Block} | {first:0.000e+0} | {best:0.000e+0} | {best / first:F3} | {block.BestIteration} | {block.Seconds:F1} |");
            else
                Line(card, $"| {block.Block} | | | | | {block.Seconds:F1} |");
        }

        Line(card, $"");
    }

    private static string MethodOf(QuantizationOptions options) => options switch
    {
        { Iterations: > 0 } => "SignRound tunes how each block's weights are rounded and the range of each group",
        { SearchesScales: true } => "each weight is rounded to nearest, with scales that suit the activations of calibration text",
        _ => "each weight is rounded to nearest",
    };

    private static string LossOf(LossKind loss) => loss switch
    {
        LossKind.RelativeMse => "the mean squared error in relation to each token's mean square",
        _ => "the mean squared error",
    };

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB");

    private static void Line(StringBuilder card, FormattableString text) => card.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
