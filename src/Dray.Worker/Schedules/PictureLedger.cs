using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>
/// Which pictures were dealt with in which version. In memory a picture takes the hashes of its path and version, some 50 bytes.
/// </summary>
internal sealed class PictureLedger
{
    private readonly Dictionary<UInt128, (UInt128 Version, int Failures, bool IsOfThisFiring)> _entries = [];

    /// <summary>Reads the ledger that holds now.</summary>
    /// <param name="store">The store.</param>
    /// <param name="path">The ledger's path, or null for an empty one.</param>
    /// <param name="firing">The firing that is planned.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<PictureLedger> ReadAsync(IBlobStore store, string? path, Firing firing, CancellationToken cancellationToken)
    {
        var ledger = new PictureLedger();
        if (path is null) return ledger;
        await foreach (var entry in store.ReadLinesAsync<LedgerEntry>(path, cancellationToken))
            ledger._entries[HashOf(entry.Path)] = (HashOf(entry.Version), entry.Failures, entry.Firing == firing.Id);
        return ledger;
    }

    /// <summary>Writes the ledger after a firing: the one before with the firing's entries in place of their earlier ones.</summary>
    /// <returns>Once the ledger is there, whoever wrote it.</returns>
    public static Task WriteAsync(
        IBlobStore store, string? before, string path, IReadOnlyDictionary<string, LedgerEntry> entries, CancellationToken cancellationToken) =>
        store.TryCreateAsync(
            path,
            async (target, token) =>
            {
                if (before is not null)
                {
                    await foreach (var entry in store.ReadLinesAsync<LedgerEntry>(before, token))
                    {
                        if (!entries.ContainsKey(entry.Path)) await ScheduleJson.WriteLineAsync(target, entry, token);
                    }
                }

                foreach (var entry in entries.Values) await ScheduleJson.WriteLineAsync(target, entry, token);
            },
            cancellationToken);

    /// <summary>How often this version of a picture failed, or null where it isn't to be captioned at this firing.</summary>
    public int? FailuresOf(BlobEntry picture, int retries)
    {
        if (!_entries.TryGetValue(HashOf(picture.Path), out var known)) return 0;
        if (known.IsOfThisFiring) return null;
        if (known.Version != HashOf(picture.Version)) return 0;
        return known.Failures > 0 && known.Failures <= retries ? known.Failures : null;
    }

    private static UInt128 HashOf(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
