using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dray.Cli.Terminal;

namespace Dray.Cli.Commands;

/// <summary><c>dray output</c>: fetches a batch's answers.</summary>
internal static class OutputCommand
{
    public static Command Create()
    {
        var id = ClientOptions.BatchId();
        var to = new Option<string>("--to")
        {
            Description = "Folder for output.jsonl and errors.jsonl. Default: ./dray-out.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "dray-out",
        };
        var partial = new Option<bool>("--partial") { Description = "Take the rows that are done where the batch isn't, instead of refusing." };
        var json = CommonOptions.Json();
        var command = new Command("output", "Fetch a batch's answers and check them against its manifest.") { id, to, partial, json };
        var services = ClientOptions.Of(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var client = await services.OpenAsync(parsed, cancellationToken);
            var result = await client.OutputAsync(parsed.GetRequiredValue(id), parsed.GetRequiredValue(to), parsed.GetValue(partial), cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
            {
                await output.WriteLineAsync(new JsonObject
                {
                    ["batch_id"] = result.Batch.Id,
                    ["status"] = BatchReport.Word(result.Batch.Status),
                    ["partial"] = result.IsPartial,
                    ["completed"] = result.Completed,
                    ["failed"] = result.Failed,
                    ["output"] = result.OutputFile,
                    ["errors"] = result.ErrorsFile,
                }.ToJsonString());
            }
            else
            {
                var part = result.IsPartial
                    ? string.Create(CultureInfo.InvariantCulture, $" so far, of {result.Batch.RequestCounts.Total} in all (the batch is {BatchReport.Word(result.Batch.Status)})")
                    : "";
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{result.Completed} rows done, {result.Failed} failed{part}"));
                await output.WriteLineAsync(result.OutputFile);
                if (result.Failed > 0) await output.WriteLineAsync(result.ErrorsFile);
            }

            return result.IsPartial || result.Failed > 0 ? ExitCode.SomeRowsFailed : ExitCode.Done;
        });
        return command;
    }
}
