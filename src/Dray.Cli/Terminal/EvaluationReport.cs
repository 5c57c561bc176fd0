using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Terminal;

/// <summary>A model card's whole evaluation, as Markdown, JSON and plots; what was skipped is null and left out.</summary>
internal sealed record EvaluationReport
{
    private const string HistogramFile = "kld-histogram.png";
    private const string StepsFile = "generation-kld.png";

    /// <summary>Gets the name of the checkpoint that was measured.</summary>
    public required string Model { get; init; }

    /// <summary>Gets the name of its base.</summary>
    public required string Base { get; init; }

    /// <summary>Gets the bytes of the checkpoint's tensor files, and of its base's.</summary>
    public required (long Model, long Base) Bytes { get; init; }

    /// <summary>Gets the name of the text.</summary>
    public required string Text { get; init; }

    /// <summary>Gets what it was measured on: processor and backend.</summary>
    public required string Machine { get; init; }

    /// <summary>Gets the version of Dray.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the perplexity of the model and its base.</summary>
    public (PerplexityReport Model, PerplexityReport Base)? Perplexity { get; init; }

    /// <summary>Gets the divergence on the text.</summary>
    public KldReport? Kld { get; init; }

    /// <summary>Gets the divergence along generated text.</summary>
    public GenerationKldReport? Generation { get; init; }

    /// <summary>Gets the speed of the model.</summary>
    public ThroughputReport? Throughput { get; init; }

    /// <summary>Writes all files.</summary>
    public void Write(ReportFolder folder)
    {
        folder.Write(ReportFolder.NumbersFile, ToJson().ToJsonString(new() { WriteIndented = true }) + "\n");
        folder.Write("README.md", ToMarkdown());
        if (Kld is not null) folder.Write(HistogramFile, EvaluationPlots.Histogram(Kld));
        if (Generation is not null) folder.Write(StepsFile, EvaluationPlots.Steps(Generation));
    }

    /// <summary>The numbers for programs.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["model"] = Model,
            ["base"] = Base,
            ["model_bytes"] = Bytes.Model,
            ["base_bytes"] = Bytes.Base,
            ["text"] = Text,
            ["machine"] = Machine,
            ["dray"] = Version,
        };
        if (Perplexity is { } perplexity)
            json["perplexity"] = new JsonObject { ["model"] = PerplexityText.ToJson(perplexity.Model), ["base"] = PerplexityText.ToJson(perplexity.Base) };
        if (Kld is not null) json["kld"] = KldText.ToJson(Kld);
        if (Generation is not null) json["generation_kld"] = GenerationKldText.ToJson(Generation);
        if (Throughput is not null) json["throughput"] = Throughput.ToJson();
        return json;
    }

    /// <summary>The report for people.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        Line(text, $"# {Model}, measured against {Base}\n\nBy `dray eval report` {Version} on {Machine}. Text: {Text}. All divergences are KL(base || model) in nats.\n");
        Line(text, $"## Size\n\n| | bytes of tensors | of the base's |\n| --- | ---: | ---: |");
        Line(text, $"| {Base} | {Bytes.Base} | |\n| {Model} | {Bytes.Model} | {100.0 * Bytes.Model / Bytes.Base:F1} % |\n");
        if (Perplexity is { } perplexity) AddPerplexity(text, perplexity.Model, perplexity.Base);
        if (Kld is not null) AddKld(text, Kld);
        if (Generation is not null)
        {
            Line(text, $"## KL divergence along generated text\n\nThe base answers {Generation.Lengths[0].Prompts.Count} prompts of each length greedily; the model sees its answers.\n");
            Line(text, $"{GenerationKldText.Describe(Generation)}\n\n![The mean divergence of each step]({StepsFile})\n");
        }

        if (Throughput is not null) Line(text, $"## Throughput\n\n{Throughput.ToMarkdown()}\n");
        Line(text, $"The same numbers for programs: [{ReportFolder.NumbersFile}]({ReportFolder.NumbersFile}).");
        return text.ToString();
    }

    private static void AddPerplexity(StringBuilder text, PerplexityReport model, PerplexityReport reference)
    {
        Line(text, $"## Perplexity\n\n{model.Chunks.Count} chunks of {model.Context} tokens.\n\n| method | tokens | base | model | change |\n| --- | ---: | ---: | ---: | ---: |");
        AddRow("llama.cpp's: second half of each chunk", model.SecondHalfTokens, reference.SecondHalfPerplexity, model.SecondHalfPerplexity);
        AddRow("all positions", model.AllTokens, reference.AllPerplexity, model.AllPerplexity);
        Line(text, $"");

        void AddRow(string method, int tokens, double before, double after) =>
            Line(text, $"| {method} | {tokens} | {before:F4} | {after:F4} | {100 * ((after / before) - 1):+0.00;-0.00} % |");
    }

    private static void AddKld(StringBuilder text, KldReport report)
    {
        Line(text, $"## KL divergence on the text\n\n{report.Positions.Count} positions: the second half of chunks of {report.Context} tokens.\n");
        Line(text, $"| over | mean | median | p90 | p95 | p99 | p99.9 | greatest |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        AddRow("the whole vocabulary", report.Full);
        AddRow("the base's top 20, as logprobs show it", report.Api);
        AddRow("the base's top 20, a partial sum", report.Raw);
        AddRow("the base's top 20, renormalised", report.Renormalised);
        Line(text, $"\nBoth have the same most probable token at {report.SameTopPercent:F2} % of positions. The actual next token's probability changes by {report.DeltaPercentRms:F2} % (RMS), {report.DeltaPercentMean:+0.00;-0.00} % in the mean.\n");
        Line(text, $"![How many positions have which divergence]({HistogramFile})\n");

        void AddRow(string over, KldSummary summary) => Line(
            text,
            $"| {over} | {summary.Mean:F5} | {summary.Median:F5} | {summary.P90:F5} | {summary.P95:F5} | {summary.P99:F5} | {summary.P999:F5} | {summary.Greatest:F5} |");
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
