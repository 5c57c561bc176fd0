using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference;
using Dray.Inference.Compute;
using Dray.Worker.Embedded;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Commands;

/// <summary><c>dray run</c>: the main job in one process, over an in-memory transport and a file-system store.</summary>
internal static class RunCommand
{
    public static Command Create(Func<DrayConfiguration, ILoggerFactory, IComputeBackend> createBackend)
    {
        var jobs = new Argument<string>("JOBS.jsonl") { Description = "Rows to run, in OpenAI's batch format. Relative picture paths are resolved against its folder." };
        var output = new Option<string>("--output")
        {
            Description = "Folder for output.jsonl and errors.jsonl, and for what a later run needs to resume. Default: ./dray-out.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "dray-out",
        };
        var force = new Option<bool>("--force") { Description = "Start over instead of resuming." };
        var json = CommonOptions.Json();
        var command = new Command("run", "Run every row of a file and write the answers.") { jobs, output, force, json };
        var configured = ConfigurationOptions.OfEngine(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var loggers = new TextLoggerFactory(parsed.InvocationConfiguration.Error);
            var configuration = configured.Resolve(parsed, loggers);
            var options = new EmbeddedBatchOptions
            {
                JobsFile = parsed.GetRequiredValue(jobs),
                OutputFolder = parsed.GetRequiredValue(output),
                Force = parsed.GetValue(force),
                Worker = configuration.Worker,
                EngineSettings = AnswerSettings(configuration.Engine),
            };
            return await RunAsync(options, configuration, createBackend, parsed.GetValue(json), parsed.InvocationConfiguration, loggers, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        EmbeddedBatchOptions options, DrayConfiguration configuration, Func<DrayConfiguration, ILoggerFactory, IComputeBackend> createBackend, bool json,
        InvocationConfiguration terminal, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        EmbeddedBatchSummary summary;
        await using (var progress = RunProgress.Start(terminal.Error))
        {
            Task<IInferenceEngine> Load(CancellationToken token) => Task.Run<IInferenceEngine>(
                () => InferenceEngine.Load(configuration.Model!, createBackend(configuration, loggers), configuration.Engine, loggers, progress), token);
            summary = await new EmbeddedBatch(options, Load, loggers).RunAsync(progress, cancellationToken);
        }

        if (json) await terminal.Output.WriteLineAsync(ToJson(summary).ToJsonString());
        else await RunReport.WriteAsync(summary, terminal.Output);
        return summary.Counts.Failed > 0 ? ExitCode.SomeRowsFailed : ExitCode.Done;
    }

    /// <summary>What of the engine's options decides about answers; the others decide about speed.</summary>
    internal static string AnswerSettings(EngineOptions engine) =>
        JsonSerializer.Serialize(new { engine.MaxModelLen, engine.KvCacheDtype, engine.Images });

    private static JsonObject ToJson(EmbeddedBatchSummary summary) => new()
    {
        ["batch_id"] = summary.BatchId,
        ["request_counts"] = JsonSerializer.SerializeToNode(summary.Counts),
        ["usage"] = JsonSerializer.SerializeToNode(summary.Usage),
        ["rows_resumed"] = summary.RowsResumed,
        ["elapsed_s"] = Math.Round(summary.Elapsed.TotalSeconds, 3),
        ["completion_tok_s"] = Math.Round(summary.CompletionTokensPerSecond, 2),
        ["output"] = summary.OutputFile,
        ["errors"] = summary.ErrorsFile,
    };
}
