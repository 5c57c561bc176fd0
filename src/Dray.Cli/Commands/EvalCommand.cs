using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference.Compute;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray eval</c>: measures a checkpoint.</summary>
internal static class EvalCommand
{
    private const int DefaultContext = 512;

    public static Command Create() => new("eval", "Measure a checkpoint.") { CreatePerplexity(), CreateKld() };

    private static Command CreatePerplexity()
    {
        var text = Text();
        var context = Context();
        var chunks = Chunks();
        var kvCacheDtype = CommonOptions.KvCacheDtype("fp32");
        var json = CommonOptions.Json();
        var command = new Command("perplexity", "Perplexity over non-overlapping chunks: llama.cpp's second half, and all positions.")
        {
            text, context, chunks, kvCacheDtype, json,
        };
        var configured = ConfigurationOptions.OfBackend(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var loggers = new TextLoggerFactory(parsed.InvocationConfiguration.Error);
            var configuration = configured.Resolve(parsed, loggers);
            using var backend = BackendFactory.Create(configuration, loggers);
            using var loaded = LanguageModel.Load(configuration.Model!, backend, KvCacheDataTypes.Parse(parsed.GetRequiredValue(kvCacheDtype)));
            var ids = loaded.Tokenizer.Encode(await File.ReadAllTextAsync(parsed.GetRequiredValue(text), cancellationToken));
            PerplexityReport report;
            try
            {
                report = new PerplexityEvaluator(loaded).Evaluate(ids, parsed.GetValue(context), parsed.GetValue(chunks));
            }
            catch (ArgumentException exception)
            {
                throw new CommandException(ExitCode.Usage, exception.Message);
            }

            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(ToJson(report).ToJsonString());
            else await output.WriteLineAsync(Describe(report));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateKld()
    {
        var reference = new Option<string>("--base") { Description = "Folder of the checkpoint to compare with.", HelpName = "DIR", Required = true };
        var text = Text();
        var context = Context();
        var chunks = Chunks();
        var kvCacheDtype = CommonOptions.KvCacheDtype("fp32");
        var json = CommonOptions.Json();
        var command = new Command("kld", "Kullback-Leibler divergence from a base at the second half of non-overlapping chunks, in nats.")
        {
            reference, text, context, chunks, kvCacheDtype, json,
        };
        var configured = ConfigurationOptions.OfBackend(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var loggers = new TextLoggerFactory(parsed.InvocationConfiguration.Error);
            var configuration = configured.Resolve(parsed, loggers);
            using var backend = BackendFactory.Create(configuration, loggers);
            var dtype = KvCacheDataTypes.Parse(parsed.GetRequiredValue(kvCacheDtype));
            using var compared = LanguageModel.Load(parsed.GetRequiredValue(reference), backend, dtype);
            using var loaded = LanguageModel.Load(configuration.Model!, backend, dtype);
            var ids = loaded.Tokenizer.Encode(await File.ReadAllTextAsync(parsed.GetRequiredValue(text), cancellationToken));
            KldReport report;
            try
            {
                report = new KldEvaluator(compared, loaded).Evaluate(ids, parsed.GetValue(context), parsed.GetValue(chunks));
            }
            catch (ArgumentException exception)
            {
                throw new CommandException(ExitCode.Usage, exception.Message);
            }

            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(ToJson(report).ToJsonString());
            else await output.WriteLineAsync(Describe(report));
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string> Text() => new("--text") { Description = "Text file, taken as one string.", HelpName = "FILE", Required = true };

    private static Option<int> Context() => new("--ctx") { Description = "Tokens per chunk. Default: 512.", HelpName = "TOKENS", DefaultValueFactory = _ => DefaultContext };

    private static Option<int?> Chunks() => new("--chunks") { Description = "The most chunks. Default: all of the text.", HelpName = "N" };

    private static JsonObject ToJson(KldReport report)
    {
        var json = Of(report.Full);
        json["top20"] = Of(report.Api);
        json["top20_raw"] = Of(report.Raw);
        json["top20_renorm"] = Of(report.Renormalised);
        return json;

        JsonObject Of(KldSummary summary) => new()
        {
            ["mean"] = summary.Mean,
            ["median"] = summary.Median,
            ["p95"] = summary.P95,
            ["p99"] = summary.P99,
            ["delta_p_rms"] = report.DeltaPercentRms,
            ["same_top_p"] = report.SameTopPercent,
            ["positions"] = report.Positions.Count,
        };
    }

    private static string Describe(KldReport report)
    {
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Line("KL divergence", report.Full)} ({report.Positions.Count} positions, second half of chunks of {report.Context})\n" +
            $"{Line("of the base's top 20, as logprobs show it", report.Api)}\n" +
            $"same most probable token {report.SameTopPercent:F2} %, change in the next token's probability {report.DeltaPercentRms:F3} % RMS");

        static string Line(string name, KldSummary summary) => string.Create(
            CultureInfo.InvariantCulture, $"{name}: mean {summary.Mean:F6}, median {summary.Median:F6}, p95 {summary.P95:F6}, p99 {summary.P99:F6}");
    }

    private static JsonObject ToJson(PerplexityReport report) => new()
    {
        ["perplexity"] = report.SecondHalfPerplexity,
        ["chunks"] = report.Chunks.Count,
        ["tokens"] = report.SecondHalfTokens,
        ["method"] = "llama_cpp",
        ["all_positions"] = new JsonObject
        {
            ["perplexity"] = report.AllPerplexity,
            ["chunks"] = report.Chunks.Count,
            ["tokens"] = report.AllTokens,
            ["method"] = "all_positions",
        },
    };

    private static string Describe(PerplexityReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"perplexity {report.SecondHalfPerplexity:F4} (llama.cpp's method: second half of {report.Chunks.Count} chunks of {report.Context}, {report.SecondHalfTokens} tokens)\n" +
        $"perplexity {report.AllPerplexity:F4} (all positions, {report.AllTokens} tokens)");
}
