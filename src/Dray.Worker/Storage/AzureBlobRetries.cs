using Azure.Core;
using Azure.Storage.Blobs;

namespace Dray.Worker.Storage;

/// <summary>
/// How calls of the blob server are tried again. The client is the one owner of such retries: nothing above it repeats a call.
/// </summary>
internal static class AzureBlobRetries
{
    private const int Retries = 15;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Options of a client that wants to know now, in half a minute at most, whether the server is there.</summary>
    public static BlobClientOptions Brief() => new()
    {
        Retry = { Mode = RetryMode.Fixed, Delay = FirstDelay, MaxRetries = 2, NetworkTimeout = TimeSpan.FromSeconds(8) },
    };

    /// <summary>
    /// Options whose delays add up to 92 s, give or take a fifth: a server that is away for a minute is waited for.
    /// </summary>
    public static BlobClientOptions Patient() => new()
    {
        Retry =
        {
            Mode = RetryMode.Exponential,
            Delay = FirstDelay,
            MaxDelay = LongestDelay,
            MaxRetries = Retries,
            NetworkTimeout = TryTimeout,
        },
    };
}
