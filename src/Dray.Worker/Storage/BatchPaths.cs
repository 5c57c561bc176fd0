using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Dray.Worker.Storage;

/// <summary>The layout of the store.</summary>
internal static class BatchPaths
{
    /// <summary>The most characters of the id of a batch, job or file.</summary>
    public const int MaxIdLength = 128;

    private const int MaxImageNameLength = 512;
    private const long LatestTime = 9_999_999_999;

    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\:*?\"<>|%");

    /// <summary>The folder of all batches.</summary>
    public const string Batches = "batches/";

    /// <summary>That the list has the batches from before it was kept; created once.</summary>
    public const string IndexMade = "index/batches/made";

    /// <summary>The folder of one batch.</summary>
    public static string Folder(string batchId) => $"{Batches}{Checked(batchId)}/";

    /// <summary>The rows to run.</summary>
    public static string Input(string batchId) => Folder(batchId) + "input.jsonl";

    /// <summary>The pictures that rows name by relative paths.</summary>
    public static string Images(string batchId) => Folder(batchId) + "images/";

    /// <summary>The picture that rows name by the relative path <paramref name="path"/>; different spellings of a path give one blob.</summary>
    public static string Image(string batchId, string path) => Images(batchId) + ImageName(path);

    /// <summary>How the input is cut; created once.</summary>
    public static string Plan(string batchId) => Folder(batchId) + "plan.json";

    /// <summary>The status; changed only under If-Match.</summary>
    public static string State(string batchId) => Folder(batchId) + "state.json";

    /// <summary>The commit point; created once.</summary>
    public static string Manifest(string batchId) => Folder(batchId) + "manifest.json";

    /// <summary>The rows that succeeded; put together at the end.</summary>
    public static string Output(string batchId) => Folder(batchId) + "output.jsonl";

    /// <summary>The rows that failed; put together at the end.</summary>
    public static string Errors(string batchId) => Folder(batchId) + "errors.jsonl";

    /// <summary>All rows of one chunk, in input order; created once.</summary>
    public static string Chunk(string batchId, int index) =>
        Folder(batchId) + string.Create(CultureInfo.InvariantCulture, $"chunks/{index:D6}.jsonl");

    /// <summary>The rows of one chunk that are done, as they finish; deleted once the chunk is there.</summary>
    public static string Part(string batchId, int index) =>
        Folder(batchId) + string.Create(CultureInfo.InvariantCulture, $"parts/{index:D6}.jsonl");

    /// <summary>Which attempts at a chunk began and ended; deleted once the chunk is there.</summary>
    public static string Attempts(string batchId, int index) =>
        Folder(batchId) + string.Create(CultureInfo.InvariantCulture, $"attempts/{index:D6}.log");

    /// <summary>What a client submitted; created once.</summary>
    public static string Submission(string batchId) => Folder(batchId) + "submission.json";

    /// <summary>Which attempts at a job that was delivered several times began and ended.</summary>
    public static string JobAttempts(string jobId) => $"jobs/{Checked(jobId)}.attempts.log";

    /// <summary>The answer of a job; created once.</summary>
    public static string Job(string jobId) => $"jobs/{Checked(jobId)}.json";

    /// <summary>What a client said of a file that it uploaded; created once its content is there.</summary>
    public static string FileDocument(string fileId) => $"files/{Checked(fileId)}/file.json";

    /// <summary>A file that a client uploaded.</summary>
    public static string FileContent(string fileId) => $"files/{Checked(fileId)}/content";

    /// <summary>The list of one tenant's batches or files, or of all where <paramref name="tenant"/> is empty, newest first.</summary>
    public static string Index(string kind, string tenant) =>
        tenant.Length == 0 ? $"index/{kind}/all/" : $"index/{kind}/of/{Checked(tenant)}/";

    /// <summary>
    /// An entry of a list: paths in ordinal order are entries from the newest to the oldest. A folder has those of a day or so.
    /// </summary>
    public static string IndexEntry(string index, string id, long createdAt)
    {
        var left = string.Create(CultureInfo.InvariantCulture, $"{LatestTime - Math.Clamp(createdAt, 0, LatestTime):D10}");
        return $"{index}{left[..5]}/{left[5..]}-{Checked(id)}";
    }

    /// <summary>The id that an entry of a list stands for, or null where it is none.</summary>
    public static string? IdOfEntry(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.Length > 6 && name[5] == '-' && IsId(name[6..]) ? name[6..] : null;
    }

    /// <summary>Whose an id is: what is before its first <c>_</c>; empty where there is none.</summary>
    public static string TenantOf(string id) => id.IndexOf('_', StringComparison.Ordinal) is > 0 and var length ? id[..length] : "";

    /// <summary>Whether an id may be part of a path: 1 to 128 ASCII letters, digits, <c>_</c> and <c>-</c>.</summary>
    public static bool IsId(string? id) =>
        id is { Length: > 0 and <= MaxIdLength } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>A relative path as the name of a blob: what no store takes is escaped, and a name too long for one is hashed.</summary>
    public static string ImageName(string path)
    {
        var parts = path.Split('/').Where(part => part is not ("" or ".")).Select(Escape);
        var name = string.Join('/', parts);
        return name.Length is > 0 and <= MaxImageNameLength
            ? name
            : "%long/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)));
    }

    private static string Escape(string part)
    {
        var edge = part.StartsWith('.') || part.EndsWith('.');
        if (!edge && !part.AsSpan().ContainsAny(Escaped) && !part.Any(char.IsControl)) return part;
        var text = new StringBuilder();
        for (var i = 0; i < part.Length; i++)
        {
            var c = part[i];
            var escapes = Escaped.Contains(c) || char.IsControl(c) || (c == '.' && (i == 0 || i == part.Length - 1));
            if (escapes) text.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
            else text.Append(c);
        }

        return text.ToString();
    }

    private static string Checked(string id) => IsId(id)
        ? id
        : throw new ArgumentException($"'{id}' can't be the id of a batch, job or file; use 1 to {MaxIdLength} of A-Z a-z 0-9 _ -.", nameof(id));
}
