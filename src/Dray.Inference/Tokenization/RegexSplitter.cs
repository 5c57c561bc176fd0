using System.Text.RegularExpressions;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Any other pattern, by .NET's regular expressions: letters beyond U+FFFF are not seen as letters. Text that the pattern doesn't
/// match becomes pieces of its own, so that nothing is lost.
/// </summary>
internal sealed class RegexSplitter : ITextSplitter
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly Regex _regex;

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="ArgumentException">The pattern isn't one that .NET understands.</exception>
    public RegexSplitter(string pattern) => _regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, Timeout);

    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        try
        {
            foreach (var match in _regex.EnumerateMatches(text, start))
            {
                if (match.Index > start) return match.Index;
                if (match.Length > 0) return match.Length + start;
            }
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest,
                $"A text of {text.Length} characters took more than {Timeout.TotalSeconds:0} s to split by the tokenizer's pattern; " +
                "send less text.",
                null,
                exception);
        }

        return text.Length;
    }
}
