using System.CommandLine;
using System.Text.Json;
using Dray.Cli.Terminal;
using Dray.Contracts;
using Dray.Worker.Client;

namespace Dray.Cli.Commands;

/// <summary><c>dray watch</c>: shows a batch's progress until it is over.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var id = ClientOptions.BatchId();
        var json = CommonOptions.Json();
        var command = new Command(
            "watch", "Show a batch's progress until it is over; exits with 1 where rows failed or the batch was cancelled, expired or used up its tokens.") { id, json };
        var services = ClientOptions.Of(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var client = await services.OpenAsync(parsed, cancellationToken);
            var terminal = parsed.InvocationConfiguration;
            BatchSnapshot? last = null;
            await using (var progress = new WatchProgress(terminal.Error))
            {
                await foreach (var snapshot in client.WatchAsync(parsed.GetRequiredValue(id), Interval, cancellationToken))
                    progress.Report(last = snapshot);
            }

            if (parsed.GetValue(json)) await terminal.Output.WriteLineAsync(JsonSerializer.Serialize(last!.Batch, ContractsJson.Options));
            else await BatchReport.WriteAsync(last!, terminal.Output);
            return last!.Batch switch
            {
                { Status: BatchStatus.Failed } => ExitCode.InputRefused,
                { Status: BatchStatus.Completed, RequestCounts.Failed: 0 } => ExitCode.Done,
                _ => ExitCode.SomeRowsFailed,
            };
        });
        return command;
    }
}
