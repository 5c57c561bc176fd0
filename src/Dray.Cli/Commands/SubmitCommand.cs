using System.CommandLine;
using System.Text.Json.Nodes;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Contracts;
using Dray.Worker.Client;

namespace Dray.Cli.Commands;

/// <summary><c>dray submit</c>: uploads an input and tells the workers.</summary>
internal static class SubmitCommand
{
    private static readonly TimeSpan LongestExpiry = TimeSpan.FromDays(365);

    public static Command Create()
    {
        var jobs = new Argument<string>("JOBS.jsonl") { Description = "Rows to run, in OpenAI's batch format. Pictures that rows name by relative paths are uploaded from its folder." };
        var priority = new Option<string>("--priority")
        {
            Description = "Whose rows go first. Default: normal.",
            HelpName = "low|normal|high",
            DefaultValueFactory = _ => "normal",
        };
        priority.AcceptOnlyFromAmong("low", "normal", "high");
        var expires = new Option<string?>("--expires")
        {
            Description = "Time after the first submit, such as 90s, 30m, 24h or 7d, after which rows that aren't done fail with batch_expired. Default: never.",
            HelpName = "DURATION",
        };
        var maxTokens = ClientOptions.MaxTokensTotal(
            "The most tokens, of prompts and answers, that the batch may use; then it stops as incomplete. Submitting again with more goes on. Default: no limit.");
        var key = new Option<string?>("--key")
        {
            Description = "Your own name for the batch, 1 to 512 characters: the same key is the same batch, and another input or other options under it are refused. Default: the id comes from the content.",
            HelpName = "NAME",
        };
        var metadata = new Option<string[]>("--metadata")
        {
            Description = "A pair that is handed back in the batch object and in events, at most 16; may be repeated. Default: none.",
            HelpName = "KEY=VALUE",
        };
        var json = CommonOptions.Json();
        var command = new Command("submit", "Upload an input, tell the workers and print the batch's id.") { jobs, priority, expires, maxTokens, key, metadata, json };
        var services = ClientOptions.Of(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new SubmitOptions
            {
                Priority = Enum.Parse<JobPriority>(parsed.GetRequiredValue(priority), ignoreCase: true),
                Expires = parsed.GetValue(expires) is { } time ? new ConfigurationValue("", "--expires", new YamlScalar(time, IsPlain: false, Line: 0)).Duration(LongestExpiry) : null,
                MaxTokensTotal = parsed.GetValue(maxTokens),
                Key = parsed.GetValue(key),
                Metadata = Pairs(parsed.GetValue(metadata) ?? []),
            };
            await using var client = await services.OpenAsync(parsed, cancellationToken);
            var result = await client.SubmitAsync(parsed.GetRequiredValue(jobs), options, cancellationToken);
            await SubmitReport.RemarkAsync(result, parsed.InvocationConfiguration.Error);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json) ? ToJson(result).ToJsonString() : result.BatchId);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The result as scripts read it.</summary>
    public static JsonObject ToJson(SubmitResult result) => new()
    {
        ["batch_id"] = result.BatchId,
        ["rows"] = result.Rows,
        ["bytes"] = result.Bytes,
        ["pictures"] = result.Pictures,
        ["missing_pictures"] = result.MissingPictures.Count,
        ["unreadable_rows"] = result.UnreadableRows,
        ["expires_at"] = result.ExpiresAt,
        ["repeated"] = result.IsRepeated,
    };

    private static Dictionary<string, string> Pairs(string[] texts)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !pairs.TryAdd(text[..equals], text[(equals + 1)..]))
                throw new CommandException(ExitCode.Usage, $"--metadata is '{text}'; give KEY=VALUE, each key once.");
        }

        return pairs;
    }
}
