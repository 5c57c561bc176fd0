using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Dray.Inference;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Terminal;

/// <summary>A throughput benchmark as JSON and as the table of a model card.</summary>
internal sealed record ThroughputReport(
    ModelIdentity Model, ThroughputOptions Options, int PromptTokens, IReadOnlyList<ThroughputLevel> Levels, double MeanPrefillFill)
{
    /// <summary>Latencies in seconds, rates in tokens per second.</summary>
    public JsonObject ToJson() => new()
    {
        ["model"] = Model.Name,
        ["backend"] = Model.Backend,
        ["prompt_tokens"] = PromptTokens,
        ["max_tokens"] = Options.MaxTokens,
        ["results"] = new JsonArray([.. Levels.Select(ToJson)]),
        ["mean_prefill_fill"] = double.IsFinite(MeanPrefillFill) ? Round(MeanPrefillFill) : null,
    };

    /// <summary>One row for each concurrency.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Model.Name} on {Model.Backend}: prompts of {PromptTokens} tokens, answers of {Options.MaxTokens}\n\n");
        text.Append("| concurrency | success | output tok/s | prompt tok/s | per request tok/s, min - max | latency s, avg | min | p50 | p95 | p99 | max |\n");
        text.Append("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var level in Levels)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n| {level.Concurrency} | {level.Succeeded} of {level.Requests} | {level.TokensPerSecond:F1} | {level.PromptTokensPerSecond:F1} " +
                $"| {level.LeastTokensPerSecond:F1} - {level.MostTokensPerSecond:F1} | {level.MeanLatency:F3} | {level.LatencyAt(0):F3} " +
                $"| {level.LatencyAt(0.5):F3} | {level.LatencyAt(0.95):F3} | {level.LatencyAt(0.99):F3} | {level.LatencyAt(1):F3} |");
        }

        foreach (var level in Levels.Where(level => level.FirstError is not null))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n\n{level.Requests - level.Succeeded} requests at concurrency {level.Concurrency} failed, the first because: {level.FirstError}");
        }

        if (double.IsFinite(MeanPrefillFill))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n\nprefill batches were filled to {100 * MeanPrefillFill:F0} % on average while more prompts waited");
        }

        return text.ToString();
    }

    private static JsonObject ToJson(ThroughputLevel level)
    {
        var json = new JsonObject
        {
            ["concurrency"] = level.Concurrency,
            ["requests"] = level.Requests,
            ["success"] = level.Succeeded,
            ["elapsed_s"] = Round(level.Elapsed.TotalSeconds),
            ["aggregate_tok_s"] = Round(level.TokensPerSecond),
            ["prompt_tok_s"] = Round(level.PromptTokensPerSecond),
            ["latency"] = new JsonObject
            {
                ["avg"] = Round(level.MeanLatency),
                ["min"] = Round(level.LatencyAt(0)),
                ["max"] = Round(level.LatencyAt(1)),
                ["p50"] = Round(level.LatencyAt(0.5)),
                ["p95"] = Round(level.LatencyAt(0.95)),
                ["p99"] = Round(level.LatencyAt(0.99)),
            },
            ["per_request"] = new JsonObject { ["min"] = Round(level.LeastTokensPerSecond), ["max"] = Round(level.MostTokensPerSecond) },
            ["prompt_tokens"] = level.PromptTokens,
            ["completion_tokens"] = level.CompletionTokens,
            ["steps"] = level.Steps,
        };
        if (level.FirstError is { } error) json["first_error"] = error;
        return json;
    }

    private static double Round(double value) => Math.Round(value, 4);
}
