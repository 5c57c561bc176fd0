using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Cli.Labelling;
using Dray.Cli.Terminal;
using Dray.Inference;
using Dray.Inference.Compute;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Commands;

/// <summary><c>dray label</c>: asks the model about each row of a data file and adds the answers as a column.</summary>
internal static class LabelCommand
{
    public static Command Create(Func<DrayConfiguration, ILoggerFactory, IComputeBackend> createBackend)
    {
        var command = new Command("label", "Label a data set: ask about each row of a CSV, JSONL or Parquet file and add the answers as a column.");
        var options = new LabelCommandOptions(command);
        var json = CommonOptions.Json();
        command.Add(json);
        var configured = ConfigurationOptions.OfEngine(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            using var loggers = new TextLoggerFactory(terminal.Error);
            var configuration = configured.Resolve(parsed, loggers);
            var asked = options.Read(parsed);
            var job = LabelJob.Open(asked);
            await using (var preflight = PreflightEngine.Load(configuration.Model!, configuration.Engine)) await job.CheckAsync(preflight, cancellationToken);
            var gold = options.Gold(parsed, job, asked.Form);
            var (previewed, asJson) = (options.Preview(parsed), parsed.GetValue(json));
            LabelSummary? summary = null;
            LabelPreviewResult? preview = null;
            await using (var progress = RunProgress.Start(terminal.Error))
            {
                Task<IInferenceEngine> Load(CancellationToken token) => Task.Run<IInferenceEngine>(
                    () => InferenceEngine.Load(configuration.Model!, createBackend(configuration, loggers), configuration.Engine, loggers, progress), token);
                if (previewed is { } rows) preview = await new LabelPreview(job, asked, configuration, Load, loggers).RunAsync(rows, progress, cancellationToken);
                else summary = await new LabelRun(job, asked, configuration, Load, loggers) { Gold = gold }.RunAsync(options.Output(parsed), options.Force(parsed), progress, cancellationToken);
            }

            if (preview is not null)
            {
                var cost = options.Cost(parsed, preview);
                if (asJson) await terminal.Output.WriteLineAsync(LabelPreviewReport.ToJson(preview, job, cost).ToJsonString());
                else await LabelPreviewReport.WriteAsync(preview, job, cost, terminal.Output);
                return preview.Sample.Any(row => row.Label.Error is not null) ? ExitCode.SomeRowsFailed : ExitCode.Done;
            }

            if (asJson) await terminal.Output.WriteLineAsync(LabelReport.ToJson(summary!).ToJsonString());
            else await LabelReport.WriteAsync(summary!, terminal.Output);
            return summary!.Failed > 0 ? ExitCode.SomeRowsFailed : ExitCode.Done;
        });
        return command;
    }
}
