using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference;
using Dray.Inference.Tokenization;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray bench</c>: measures speed.</summary>
internal static class BenchCommand
{
    private const int DefaultPromptTokens = 128;

    public static Command Create() => new("bench", "Measure speed.") { CreateThroughput(), BenchKernelsCommand.Create(), BenchLayersCommand.Create() };

    private static Command CreateThroughput()
    {
        var concurrency = new Option<string>("--concurrency")
        {
            Description = "Requests at once; a level for each number. Default: 1,32.",
            HelpName = "N,N,...",
            DefaultValueFactory = _ => "1,32",
        };
        var requests = new Option<int?>("--requests")
        {
            Description = "Requests of each level. Default: twice the concurrency, and at least 8.",
            HelpName = "N",
        };
        var maxTokens = new Option<int>("--max-tokens")
        {
            Description = "Tokens that every request generates, past any end of sequence. Default: 128.",
            HelpName = "TOKENS",
            DefaultValueFactory = _ => new ThroughputOptions().MaxTokens,
        };
        var promptTokens = new Option<int>("--prompt-tokens")
        {
            Description = "Tokens of every prompt, chat format included. Default: 128.",
            HelpName = "TOKENS",
            DefaultValueFactory = _ => DefaultPromptTokens,
        };
        var json = CommonOptions.Json();
        var command = new Command("throughput", "Tokens per second and latency of the engine under synthetic requests.")
        {
            concurrency, requests, maxTokens, promptTokens, json,
        };
        var configured = ConfigurationOptions.OfEngine(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            using var loggers = new TextLoggerFactory(terminal.Error);
            var configuration = configured.Resolve(parsed, loggers);
            var options = new ThroughputOptions
            {
                Concurrency = NumberList.Parse("--concurrency", parsed.GetRequiredValue(concurrency)),
                Requests = parsed.GetValue(requests),
                MaxTokens = parsed.GetValue(maxTokens),
            };
            try
            {
                options.Validate();
                var tokenizer = TekkenTokenizer.Load(Path.Combine(configuration.Model!, "tekken.json"));
                var prompts = new SyntheticPrompts(tokenizer, parsed.GetValue(promptTokens));
                var backend = BackendFactory.Create(configuration, loggers);
                await using var engine = InferenceEngine.Load(configuration.Model!, backend, configuration.Engine, loggers);
                RequireRoom(engine.Model.ContextLength, prompts.Tokens, options.MaxTokens);
                var progress = new ThroughputProgress(terminal.Error, TimeProvider.System);
                var levels = await new ThroughputBenchmark(engine, prompts).RunAsync(options, progress, cancellationToken);
                var report = new ThroughputReport(engine.Model, options, prompts.Tokens, levels, engine.Statistics.MeanPrefillFill);
                await terminal.Output.WriteLineAsync(parsed.GetValue(json) ? report.ToJson().ToJsonString() : report.ToMarkdown());
                return levels.All(level => level.Succeeded == level.Requests) ? ExitCode.Done : ExitCode.SomeRowsFailed;
            }
            catch (ArgumentException exception)
            {
                throw new CommandException(ExitCode.Usage, exception.Message);
            }
        });
        return command;
    }

    private static void RequireRoom(int context, int prompt, int answer)
    {
        if (prompt + (long)answer > context)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"A prompt of {prompt} tokens and {answer} generated ones are more than the {context} that a sequence may have; " +
                "lower --prompt-tokens or --max-tokens.");
        }
    }
}
