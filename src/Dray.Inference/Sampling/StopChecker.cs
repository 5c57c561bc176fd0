using System.Text;

namespace Dray.Inference.Sampling;

/// <summary>
/// Watches a growing answer for stop strings, which may begin in one token and end in another, and holds back text that could be the
/// beginning of one. The stop string that ends first counts, the longest of those that end together, so the outcome doesn't depend on how
/// the text is cut into pieces.
/// </summary>
/// <param name="sampling">The stop strings, and the number of tokens in which none counts.</param>
public sealed class StopChecker(SamplingParams sampling)
{
    private readonly StringBuilder _held = new();

    /// <summary>Adds the text of the answer's next token.</summary>
    /// <param name="piece">The text, maybe empty; whole characters.</param>
    /// <param name="outputTokens">Tokens of the answer so far, this one included.</param>
    public StopStep Append(string piece, int outputTokens)
    {
        if (sampling.Stop.Count == 0) return new StopStep(piece, null);
        var seen = _held.Length;
        _held.Append(piece);
        var text = _held.ToString();
        // As in vLLM, text of the first min_tokens tokens can begin a stop string but not end one.
        if (outputTokens > sampling.MinTokens && FirstStop(text, seen) is { } stop)
        {
            _held.Clear();
            return stop;
        }

        var sure = text.Length - LongestBeginning(text);
        _held.Clear().Append(text, sure, text.Length - sure);
        return new StopStep(text[..sure], null);
    }

    /// <summary>The text still held back when the answer has ended otherwise.</summary>
    public string Flush()
    {
        var text = _held.ToString();
        _held.Clear();
        return text;
    }

    private StopStep? FirstStop(string text, int seen)
    {
        for (var end = seen + 1; end <= text.Length; end++)
        {
            string? longest = null;
            foreach (var stop in sampling.Stop)
            {
                if (stop.Length > (longest?.Length ?? 0) && text.AsSpan(0, end).EndsWith(stop)) longest = stop;
            }

            if (longest is not null) return new StopStep(text[..(end - longest.Length)], longest);
        }

        return null;
    }

    private int LongestBeginning(string text)
    {
        var longest = 0;
        foreach (var stop in sampling.Stop)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan().EndsWith(stop.AsSpan(0, length))) longest = length;
            }
        }

        return longest;
    }
}
