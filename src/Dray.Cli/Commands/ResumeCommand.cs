using System.CommandLine;

namespace Dray.Cli.Commands;

/// <summary><c>dray resume</c>: goes on with a batch.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        var maxTokens = ClientOptions.MaxTokensTotal(
            "How many tokens the batch may use altogether from now on, those that it used already included. Default: as many as before.");
        return BatchMessageCommand.Create(
            "resume", "Go on with a batch that is paused, or incomplete because its tokens were used up.", "go on", [maxTokens],
            (client, id, parsed, cancellationToken) => client.ResumeAsync(id, parsed.GetValue(maxTokens), cancellationToken));
    }
}
