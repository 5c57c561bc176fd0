using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dray.Cli.Terminal;
using Dray.Worker.Client;

namespace Dray.Cli.Commands;

/// <summary><c>dray retry-failed</c>: submits a batch's failed rows as a new batch.</summary>
internal static class RetryFailedCommand
{
    public static Command Create()
    {
        var id = ClientOptions.BatchId();
        var unfinished = new Option<bool>("--unfinished") { Description = "Also rows that never ran because the batch was cancelled or expired." };
        var maxTokens = ClientOptions.MaxTokensTotal("The most tokens, of prompts and answers, that the new batch may use. Default: no limit.");
        var json = CommonOptions.Json();
        var command = new Command("retry-failed", "Submit the failed rows of a batch that is over as a new batch and print its id.") { id, unfinished, maxTokens, json };
        var services = ClientOptions.Of(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var client = await services.OpenAsync(parsed, cancellationToken);
            var result = await client.RetryFailedAsync(
                parsed.GetRequiredValue(id), parsed.GetValue(unfinished), parsed.GetValue(maxTokens), cancellationToken);
            var terminal = parsed.InvocationConfiguration;
            if (result.Submitted is { } submitted) await SubmitReport.RemarkAsync(submitted, terminal.Error);
            else await terminal.Error.WriteLineAsync(Nothing(result));
            if (parsed.GetValue(json))
            {
                var document = result.Submitted is { } given ? SubmitCommand.ToJson(given) : new JsonObject { ["batch_id"] = null, ["rows"] = 0 };
                document["retry_of"] = parsed.GetRequiredValue(id);
                await terminal.Output.WriteLineAsync(document.ToJsonString());
            }
            else if (result.Submitted is { } batch)
            {
                await terminal.Output.WriteLineAsync(batch.BatchId);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static string Nothing(RetryResult result) => result.Unfinished == 0
        ? "No row failed; there is nothing to retry."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"No row failed; {result.Unfinished} never ran because the batch was cancelled or expired, and --unfinished submits those.");
}
