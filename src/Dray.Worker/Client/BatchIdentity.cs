using System.Security.Cryptography;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Ids of batches that clients submit: the same thing submitted again has the same id.</summary>
internal static class BatchIdentity
{
    /// <summary>Changes when the meaning of what is stored does.</summary>
    private const int Format = 1;

    /// <summary>What the ids begin with that are no tenant's; so no tenant can have this name.</summary>
    public const string Prefix = "batch";

    /// <summary>The id of what is in <paramref name="scan"/>, to be run as <paramref name="options"/> say; how many tokens is no part of it.</summary>
    public static string OfContent(InputScan scan, SubmitOptions options) => Derive(new
    {
        Format,
        Input = scan.Sha256,
        Pictures = scan.Pictures.Select(picture => new[] { picture.Name, picture.Sha256 }),
        Priority = options.Priority.ToString(),
        Expires = (long?)options.Expires?.TotalSeconds,
        Metadata = (options.Metadata ?? new Dictionary<string, string>())
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new[] { pair.Key, pair.Value }),
    });

    /// <summary>The id of a batch that its submitter has named.</summary>
    public static string OfKey(string key) => Derive(new { Format, Key = key });

    /// <summary>The id of a batch that is like no other.</summary>
    public static string OfNone() => $"{Prefix}_{Guid.NewGuid():N}";

    /// <summary>The id of a batch of rows that another one has left without an answer, whose tenant it has.</summary>
    public static string OfRetry(BatchManifest manifest, bool includesUnfinished)
    {
        var id = Derive(new { Format, RetryOf = manifest.Batch.Id, Errors = manifest.Errors.Sha256, Unfinished = includesUnfinished });
        var owned = $"{BatchPaths.TenantOf(manifest.Batch.Id)}_{id}";
        return BatchPaths.TenantOf(manifest.Batch.Id) is "" or Prefix || owned.Length > BatchPaths.MaxIdLength ? id : owned;
    }

    private static string Derive<T>(T origin) =>
        $"{Prefix}_" + Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(origin)).AsSpan(0, 16));
}
