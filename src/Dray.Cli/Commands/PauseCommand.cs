using System.CommandLine;

namespace Dray.Cli.Commands;

/// <summary><c>dray pause</c>: lets a batch rest.</summary>
internal static class PauseCommand
{
    public static Command Create() => BatchMessageCommand.Create(
        "pause", "Let a batch rest: rows that run finish, the others wait for 'dray resume'.", "rest", [],
        (client, id, _, cancellationToken) => client.PauseAsync(id, cancellationToken));
}
