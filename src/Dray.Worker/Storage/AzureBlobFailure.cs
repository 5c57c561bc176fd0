using System.Net.Sockets;
using Azure;
using Azure.Identity;

namespace Dray.Worker.Storage;

/// <summary>Says in a sentence, without any credential, what a call of the blob server failed of.</summary>
internal static class AzureBlobFailure
{
    private const string ContainerNotFound = "ContainerNotFound";
    private const string InvalidBlockList = "InvalidBlockList";
    private const string UnauthorizedBlobOverwrite = "UnauthorizedBlobOverwrite";
    private const string BlockCountExceedsLimit = "BlockCountExceedsLimit";

    /// <summary>Whether a call failed, rather than that its caller cancelled it or called it wrongly.</summary>
    public static bool IsFailure(Exception e, CancellationToken cancellationToken) => e switch
    {
        RequestFailedException or AuthenticationFailedException or AggregateException or IOException => true,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => false,
    };

    /// <summary>Whether there is no such blob, though there is its container.</summary>
    public static bool IsNotFound(RequestFailedException e) => e.Status == 404 && e.ErrorCode != ContainerNotFound;

    /// <summary>Whether another writer was faster, or came between the blocks of a large blob and its commit.</summary>
    public static bool IsLostRace(RequestFailedException e) =>
        e.Status is 409 or 412 || e.ErrorCode is InvalidBlockList or UnauthorizedBlobOverwrite;

    /// <summary>The failure as stores report it.</summary>
    /// <param name="e">What the client threw.</param>
    /// <param name="what">What couldn't be done, such as "The blob 'a' can't be read".</param>
    /// <param name="container">The container's URL.</param>
    public static IOException Describe(Exception e, string what, Uri container) => new($"{what}: {Reason(e, container)}", e);

    private static string Reason(Exception e, Uri container) => e switch
    {
        RequestFailedException { ErrorCode: ContainerNotFound } =>
            $"the blob server at {container.Authority} has no container '{container.AbsolutePath.Trim('/')}'; create it, or name another.",
        RequestFailedException { ErrorCode: BlockCountExceedsLimit } =>
            "it has the 50,000 blocks that an append blob can have; delete it, or append in larger pieces.",
        RequestFailedException { Status: 401 or 403 } refused =>
            $"the blob server at {container.Authority} refused the credentials ({refused.ErrorCode ?? $"{refused.Status}"}); check that they " +
            "are valid, haven't expired, and allow to read, write, list and delete.",
        RequestFailedException { Status: > 0 } answered =>
            $"the blob server at {container.Authority} answered {answered.Status} {answered.ErrorCode}".TrimEnd() +
            "; try again, or look at the server's log.",
        AuthenticationFailedException =>
            $"no credentials for the blob server at {container.Authority} were found; sign in, set the environment of an identity, or add a " +
            "shared access signature to the store's URL.",
        _ => $"the blob server at {container.Authority} can't be reached{Cause(e)}; start it, or correct the store's address.",
    };

    private static string Cause(Exception e)
    {
        if (e is AggregateException { InnerExceptions: [.., var last] }) e = last;
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket) return $" ({socket.SocketErrorCode})";
        }

        return e is OperationCanceledException or TimeoutException ? " (no answer in time)" : "";
    }
}
