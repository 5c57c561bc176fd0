using System.CommandLine;
using Dray.Cli.Terminal;
using Dray.Inference.Checkpoints;

namespace Dray.Cli.Commands;

/// <summary><c>dray inspect</c>: what a checkpoint is and what memory it needs.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder of the checkpoint." };
        var json = CommonOptions.Json();
        var command = new Command("inspect", "Show a checkpoint's architecture, quantization and memory needs.") { folder, json };
        command.SetAction(async (parsed, _) =>
        {
            var report = CheckpointInspector.Inspect(parsed.GetRequiredValue(folder));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(report.ToJson());
            else InspectReport.Write(report, output);
            return ExitCode.Done;
        });
        return command;
    }
}
