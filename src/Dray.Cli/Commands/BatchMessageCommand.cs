using System.CommandLine;
using System.Text.Json.Nodes;
using Dray.Cli.Terminal;
using Dray.Worker.Client;

namespace Dray.Cli.Commands;

/// <summary>The commands that ask workers for something about one batch, and don't wait until it is so.</summary>
internal static class BatchMessageCommand
{
    /// <summary>A command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="asked">What is said where it did: "is asked to ...".</param>
    /// <param name="options">Options of its own.</param>
    /// <param name="tell">Tells the workers, and gives where the batch was.</param>
    public static Command Create(
        string name, string description, string asked, Option[] options,
        Func<BatchClient, string, ParseResult, CancellationToken, Task<BatchSnapshot>> tell)
    {
        var id = ClientOptions.BatchId();
        var json = CommonOptions.Json();
        var command = new Command(name, description) { id };
        foreach (var option in options) command.Add(option);
        command.Add(json);
        var services = ClientOptions.Of(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var client = await services.OpenAsync(parsed, cancellationToken);
            var before = await tell(client, parsed.GetRequiredValue(id), parsed, cancellationToken);
            var status = BatchReport.Word(before.Batch.Status);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json)
                ? new JsonObject { ["batch_id"] = before.Batch.Id, ["asked"] = name, ["status_before"] = status }.ToJsonString()
                : $"{before.Batch.Id}, which was {status}, is asked to {asked}; 'dray status {before.Batch.Id}' says what became of it");
            return ExitCode.Done;
        });
        return command;
    }
}
