using Dray.Contracts;

namespace Dray.Worker.Client;

/// <summary>Compares what was submitted under an id with what is to be submitted under it.</summary>
internal static class SubmissionConflict
{
    /// <summary>What differs, in words, or null where both are the same; when they were submitted doesn't matter.</summary>
    public static string? Find(BatchSubmission earlier, BatchSubmission wanted)
    {
        var differences = new List<string>();
        if (earlier.Input.Sha256 != wanted.Input.Sha256)
            differences.Add($"its input has {earlier.Input.Bytes} bytes and the SHA-256 {earlier.Input.Sha256[..12]}..., this one {wanted.Input.Bytes} and {wanted.Input.Sha256[..12]}...");
        if (!earlier.Images.Select(Content).SequenceEqual(wanted.Images.Select(Content)))
            differences.Add($"its pictures are others ({earlier.Images.Count}, here {wanted.Images.Count})");
        if (earlier.Priority != wanted.Priority)
            differences.Add($"its priority is {Word(earlier.Priority)}, not {Word(wanted.Priority)}");
        if (earlier.ExpiresAfterSeconds != wanted.ExpiresAfterSeconds)
            differences.Add($"it expires {After(earlier.ExpiresAfterSeconds)}, not {After(wanted.ExpiresAfterSeconds)}");
        if (!Pairs(earlier).SequenceEqual(Pairs(wanted))) differences.Add("its metadata is another");
        return differences.Count == 0 ? null : string.Join("; ", differences);
    }

    private static (string Path, string Sha256) Content(BlobDigest blob) => (blob.Path, blob.Sha256);

    private static string Word(JobPriority priority) => priority.ToString().ToLowerInvariant();

    private static string After(long? seconds) => seconds is { } given ? $"after {given} s" : "never";

    private static IEnumerable<KeyValuePair<string, string>> Pairs(BatchSubmission submission) =>
        (submission.Metadata ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal);
}
