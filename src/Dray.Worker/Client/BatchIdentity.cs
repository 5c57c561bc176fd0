using System.Security.Cryptography;
using System.Text.Json;
using Dray.Contracts;

namespace Dray.Worker.Client;

/// <summary>Ids of batches that clients submit: the same thing submitted again has the same id.</summary>
internal static class BatchIdentity
{
    /// <summary>Changes when the meaning of what is stored does.</summary>
    private const int Format = 1;

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

    /// <summary>The id of a batch of rows that another one has left without an answer.</summary>
    public static string OfRetry(BatchManifest manifest, bool includesUnfinished) =>
        Derive(new { Format, RetryOf = manifest.Batch.Id, Errors = manifest.Errors.Sha256, Unfinished = includesUnfinished });

    private static string Derive<T>(T origin) =>
        "batch_" + Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(origin)).AsSpan(0, 16));
}
