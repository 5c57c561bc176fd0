using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Dray.Cli.Commands;

/// <summary><c>dray requeue</c>: sends failed messages back to the queues they came from.</summary>
internal static class RequeueCommand
{
    public static Command Create()
    {
        var queue = new Argument<string>("QUEUE") { Description = "A queue that failed messages end up in; 'dray queues' lists them." };
        var limit = new Option<int>("--limit")
        {
            Description = "The most messages to send back. Default: all that are there now.",
            HelpName = "N",
            DefaultValueFactory = _ => int.MaxValue,
        };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--limit must be at least 1 message.");
        });
        var json = CommonOptions.Json();
        var command = new Command("requeue", "Send failed messages back to the queues they came from, one by one, each confirmed before it is taken.") { queue, limit, json };
        var services = ClientOptions.Of(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var broker = await services.ConnectAsync(parsed, cancellationToken);
            var name = parsed.GetRequiredValue(queue);
            var known = (await broker.ListAsync(cancellationToken)).Where(candidate => candidate.IsFailure).Select(candidate => candidate.Queue).ToArray();
            if (!known.Contains(name))
                throw new CommandException(ExitCode.InputRefused, $"'{name}' isn't a queue that failed messages end up in; name one of {string.Join(", ", known)}.");
            var moved = await broker.RequeueAsync(name, parsed.GetValue(limit), cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json)
                ? new JsonObject { ["queue"] = name, ["requeued"] = moved }.ToJsonString()
                : string.Create(CultureInfo.InvariantCulture, $"{moved} messages of {name} were sent back"));
            return ExitCode.Done;
        });
        return command;
    }
}
