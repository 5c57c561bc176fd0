using System.Security.Cryptography;
using System.Text;

namespace Dray.Worker.Execution;

/// <summary>Names of one request. Those of rows and jobs are derived from where it came from: the same on every worker and every attempt.</summary>
/// <param name="Digest">32 hex digits.</param>
/// <param name="Created">When it was asked for, Unix seconds.</param>
/// <param name="BatchId">The batch that it is a row of, or null where it is none.</param>
internal readonly record struct RequestIdentity(string Digest, long Created, string? BatchId)
{
    /// <summary>Gets the id of the row in its output file.</summary>
    public string RowId => "batch_req_" + Digest;

    /// <summary>Gets the id for logs.</summary>
    public string RequestId => "req_" + Digest;

    /// <summary>Gets the id of the completion.</summary>
    public string CompletionId => "chatcmpl-" + Digest;

    /// <summary>Gets the id of the completion where it isn't a chat's.</summary>
    public string TextCompletionId => "cmpl-" + Digest;

    /// <summary>The identity of a row of a batch.</summary>
    public static RequestIdentity OfRow(string batchId, long row, long created) =>
        new(DigestOf($"batch/{batchId}/{row}"), created, batchId);

    /// <summary>The identity of a job.</summary>
    public static RequestIdentity OfJob(string jobId, long created) => new(DigestOf($"job/{jobId}"), created, null);

    /// <summary>The identity of a request that somebody waits for, which is like no other.</summary>
    public static RequestIdentity OfLive(DateTimeOffset now) => new(Guid.NewGuid().ToString("N"), now.ToUnixTimeSeconds(), null);

    private static string DigestOf(string origin) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)).AsSpan(0, 16));
}
