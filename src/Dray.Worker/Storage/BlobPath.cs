using System.Buffers;

namespace Dray.Worker.Storage;

/// <summary>What may name a blob, in every kind of store: nothing that could mean another place than it says.</summary>
internal static class BlobPath
{
    /// <summary>The most characters of a path, a little less than Azure's 1024 so that a prefix fits too.</summary>
    public const int MaxLength = 900;

    private static readonly SearchValues<char> Refused = SearchValues.Create(
        [.. "\\:*?\"<>|\u007f", .. Enumerable.Range(0, 32).Select(code => (char)code)]);

    /// <summary>Whether a path may name a blob.</summary>
    public static bool IsValid(string path) =>
        path.Length is > 0 and <= MaxLength && !path.AsSpan().ContainsAny(Refused)
        && path.Split('/').All(part => part.Length > 0 && part[0] != '.' && part[^1] != '.');

    /// <summary>The path.</summary>
    /// <exception cref="ArgumentException">It can't name a blob.</exception>
    public static string Check(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return IsValid(path)
            ? path
            : throw new ArgumentException(
                $"'{path}' can't be the path of a blob; use up to {MaxLength} characters, names separated by '/', none empty or with '.' at " +
                "either end, without any of \\ : * ? \" < > |.",
                nameof(path));
    }
}
