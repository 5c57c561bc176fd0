using System.Globalization;
using Dray.Worker.Storage;

namespace Dray.Cli.Doctor;

/// <summary>Whether the store can be reached, written, read and listed, and whether its clock agrees with ours.</summary>
internal static class StoreCheck
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Finding>> LookAsync(BlobStoreLocation location, TimeProvider time, CancellationToken cancellationToken)
    {
        var store = await location.OpenBrieflyAsync(cancellationToken);
        using var disposable = store as IDisposable;
        var path = $"doctor/{Guid.NewGuid():N}.txt";
        try
        {
            await store.TryCreateAsync(path, "dray doctor looks whether it can write here.\n"u8.ToArray(), cancellationToken);
            var isRead = await store.TryReadAsync(path, cancellationToken) is not null;
            var isListed = await store.ListAsync("doctor/", cancellationToken).ContainsAsync(path, cancellationToken: cancellationToken);
            if (!isRead || !isListed)
                return [Finding.Fail("store", $"{location} takes what is written, but doesn't {(isRead ? "list" : "give")} it", "Give this user the right to read and list too.")];
            return [Finding.Ok("store", $"{location} can be written, read and listed"), await ClockAsync(store, time, cancellationToken)];
        }
        finally
        {
            await store.DeleteAsync(path, CancellationToken.None);
        }
    }

    private static async Task<Finding> ClockAsync(IBlobStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var skew = (time.GetUtcNow() - await store.ReadClockAsync(cancellationToken)).Duration();
        var message = string.Create(CultureInfo.InvariantCulture, $"{skew.TotalSeconds:F1} s between this machine's and the store's");
        return skew > Skew ? Finding.Warn("clock", message, "Set this machine's clock (NTP): expiry and signatures depend on it.") : Finding.Ok("clock", message);
    }
}
