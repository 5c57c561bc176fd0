using System.CommandLine;
using Dray.Cli.Terminal;

namespace Dray.Cli.Commands;

/// <summary><c>dray batches</c>: the store's batches, newest first.</summary>
internal static class BatchesCommand
{
    private const int StandardLimit = 20;
    private const int MostLimit = 1000;

    public static Command Create()
    {
        var after = new Option<string?>("--after") { Description = "Begin after this batch, the last of an earlier list. Default: the newest.", HelpName = "ID" };
        var limit = new Option<int>("--limit")
        {
            Description = $"The most batches to list. Default: {StandardLimit}.",
            HelpName = "N",
            DefaultValueFactory = _ => StandardLimit,
        };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostLimit) result.AddError($"--limit must be 1 to {MostLimit} batches.");
        });
        var json = CommonOptions.Json();
        var command = new Command("batches", "List batches, newest first: where each is, rows done, when it was created.") { after, limit, json };
        var services = ClientOptions.Of(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var client = await services.OpenAsync(parsed, cancellationToken);
            var page = await client.ListAsync(after: parsed.GetValue(after), limit: parsed.GetValue(limit), cancellationToken: cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(BatchListReport.ToJson(page).ToJsonString());
            else await BatchListReport.WriteAsync(page, output, parsed.InvocationConfiguration.Error);
            return ExitCode.Done;
        });
        return command;
    }
}
