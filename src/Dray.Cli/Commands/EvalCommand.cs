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

    public static Command Create() => new("eval", "Measure a checkpoint.") { CreatePerplexity() };

    private static Command CreatePerplexity()
    {
        var text = new Option<string>("--text") { Description = "Text file, taken as one string.", HelpName = "FILE", Required = true };
        var context = new Option<int>("--ctx") { Description = "Tokens per chunk. Default: 512.", HelpName = "TOKENS", DefaultValueFactory = _ => DefaultContext };
        var chunks = new Option<int?>("--chunks") { Description = "The most chunks. Default: all of the text.", HelpName = "N" };
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
