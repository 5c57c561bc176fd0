using System.CommandLine;
using System.Text.Json;
using Dray.Cli.Terminal;
using Dray.Contracts;

namespace Dray.Cli.Commands;

/// <summary><c>dray status</c>: where a batch is.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var id = ClientOptions.BatchId();
        var json = CommonOptions.Json();
        var command = new Command("status", "Show where a batch is: rows done, tokens used, times.") { id, json };
        var services = ClientOptions.Of(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var client = await services.OpenAsync(parsed, cancellationToken);
            var snapshot = await client.StatusAsync(parsed.GetRequiredValue(id), cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(JsonSerializer.Serialize(snapshot.Batch, ContractsJson.Options));
            else await BatchReport.WriteAsync(snapshot, output);
            return ExitCode.Done;
        });
        return command;
    }
}
