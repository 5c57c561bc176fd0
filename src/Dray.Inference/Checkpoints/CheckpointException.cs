namespace Dray.Inference.Checkpoints;

/// <summary>
/// A checkpoint that can't be read, or that Dray would compute wrongly. The message is a whole sentence that names the file, the tensor
/// or key, what was expected and what was found.
/// </summary>
/// <param name="message">The sentence.</param>
/// <param name="innerException">What caused it, or null.</param>
public sealed class CheckpointException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    private const int LongestExcerpt = 120;

    /// <summary>Text from a file, cut and with control characters made visible, so that a hostile name can't spoil a log.</summary>
    internal static string Excerpt(string text)
    {
        var cut = text.Length > LongestExcerpt ? string.Concat(text.AsSpan(0, LongestExcerpt), "…") : text;
        return string.Concat(cut.Select(c => char.IsControl(c) ? '\uFFFD' : c));
    }
}
