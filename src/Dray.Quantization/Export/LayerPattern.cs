using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Dray.Quantization.Export;

/// <summary>A user's pattern of layer names as AutoRound turns it into a regular expression.</summary>
internal sealed class LayerPattern
{
    private const string Anything = ".*";
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(200);
    private static readonly SearchValues<char> Metacharacters = SearchValues.Create("^$|()[]?+");

    private readonly Regex _regex;

    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    public LayerPattern(string text)
    {
        Text = text;
        Expression = ExpressionOf(text);
        try
        {
            _regex = new Regex(Expression, RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"The layer pattern '{text}' is no regular expression: {exception.Message}", exception);
        }
    }

    /// <summary>Gets what the user wrote.</summary>
    public string Text { get; }

    /// <summary>Gets the regular expression that a checkpoint's configuration holds.</summary>
    public string Expression { get; }

    /// <summary>The pattern of an ignored layer: a number at its end is a whole one, so that <c>layers.1</c> isn't <c>layers.10</c> too.</summary>
    public static LayerPattern OfIgnored(string text) => new(text.Length > 0 && char.IsAsciiDigit(text[^1]) ? text + "." : text);

    /// <summary>Whether the name has a part that the pattern matches.</summary>
    /// <exception cref="ArgumentException">The pattern takes too long.</exception>
    public bool Matches(string name)
    {
        try
        {
            return _regex.IsMatch(name);
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new ArgumentException($"The layer pattern '{Text}' takes too long on '{name}'; write it without nested repetitions.", exception);
        }
    }

    private static string ExpressionOf(string text)
    {
        if (!text.Contains(Anything, StringComparison.Ordinal) && !text.AsSpan().ContainsAny(Metacharacters))
            return Anything + Regex.Escape(text) + Anything;

        var expression = new StringBuilder();
        if (!text.StartsWith('^') && !text.StartsWith(Anything, StringComparison.Ordinal)) expression.Append(Anything);
        for (var i = 0; i < text.Length; i++)
        {
            var isBareDot = text[i] == '.' && !(i + 1 < text.Length && text[i + 1] == '*') && !(i > 0 && text[i - 1] == '\\');
            expression.Append(isBareDot ? "\\." : text[i].ToString());
        }

        if (!text.EndsWith('$') && !text.EndsWith(Anything, StringComparison.Ordinal)) expression.Append(Anything);
        return expression.ToString();
    }
}
