using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Cli.Terminal;
using Dray.Inference;
using Dray.Inference.Compute;
using Dray.Worker.Embedded;

namespace Dray.Cli.Commands;

/// <summary><c>dray run</c>: the main job in one process, over an in-memory transport and a file-system store.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var jobs = new Argument<string>("JOBS.jsonl") { Description = "Rows to run, in OpenAI's batch format. Relative picture paths are resolved against its folder." };
        var model = CommonOptions.Model();
        var output = new Option<string>("--output")
        {
            Description = "Folder for output.jsonl and errors.jsonl, and for what a later run needs to resume. Default: ./dray-out.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "dray-out",
        };
        var kvCacheDtype = CommonOptions.KvCacheDtype("fp8_e4m3");
        var device = CommonOptions.Device();
        var force = new Option<bool>("--force") { Description = "Start over instead of resuming." };
        var json = CommonOptions.Json();
        var command = new Command("run", "Run every row of a file and write the answers.") { jobs, model, output, kvCacheDtype, device, force, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new EmbeddedBatchOptions
            {
                JobsFile = parsed.GetRequiredValue(jobs),
                OutputFolder = parsed.GetRequiredValue(output),
                Force = parsed.GetValue(force),
            };
            var engine = new EngineOptions { KvCacheDtype = KvCacheDataTypes.Parse(parsed.GetRequiredValue(kvCacheDtype)) };
            return RunAsync(options, engine, parsed.GetRequiredValue(model), parsed.GetRequiredValue(device), parsed.GetValue(json), parsed.InvocationConfiguration, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        EmbeddedBatchOptions options, EngineOptions engine, string model, string device, bool json, InvocationConfiguration terminal, CancellationToken cancellationToken)
    {
        using var loggers = new TextLoggerFactory(terminal.Error);
        EmbeddedBatchSummary summary;
        await using (var progress = RunProgress.Start(terminal.Error))
        {
            Task<IInferenceEngine> Load(CancellationToken token) => Task.Run<IInferenceEngine>(
                () => InferenceEngine.Load(model, BackendFactory.Create(device), engine, loggers, progress), token);
            summary = await new EmbeddedBatch(options, Load, loggers).RunAsync(progress, cancellationToken);
        }

        if (json) await terminal.Output.WriteLineAsync(ToJson(summary).ToJsonString());
        else await RunReport.WriteAsync(summary, terminal.Output);
        return summary.Counts.Failed > 0 ? ExitCode.SomeRowsFailed : ExitCode.Done;
    }

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
