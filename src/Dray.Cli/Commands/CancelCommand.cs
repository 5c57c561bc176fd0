using System.CommandLine;

namespace Dray.Cli.Commands;

/// <summary><c>dray cancel</c>: stops a batch.</summary>
internal static class CancelCommand
{
    public static Command Create() => BatchMessageCommand.Create(
        "cancel", "Stop a batch: rows that are done keep their answers, the others fail with batch_cancelled.", "stop", [],
        (client, id, _, cancellationToken) => client.CancelAsync(id, cancellationToken));
}
