using System.Numerics;

namespace Dray.Quantization.Evaluation;

/// <summary>The tokens with the greatest logits of a row, in falling order; of equal ones the first.</summary>
internal static class TopTokens
{
    /// <summary>Fills <paramref name="tokens"/> with as many tokens of <paramref name="logits"/>.</summary>
    public static void Find(ReadOnlySpan<float> logits, Span<int> tokens)
    {
        var found = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            if (found == tokens.Length)
            {
                // Hardly any of the later ones is greater than the least found, so most are passed over by the vector.
                token += Below(logits[token..], logits[tokens[^1]]);
                if (token == logits.Length) break;
            }
            else
            {
                found++;
            }

            var place = found - 1;
            for (; place > 0 && logits[tokens[place - 1]] < logits[token]; place--) tokens[place] = tokens[place - 1];
            tokens[place] = token;
        }
    }

    /// <summary>How many values from the first on aren't greater than <paramref name="limit"/>.</summary>
    private static int Below(ReadOnlySpan<float> values, float limit)
    {
        var limits = new Vector<float>(limit);
        var i = 0;
        while (i <= values.Length - Vector<float>.Count && !Vector.GreaterThanAny(new Vector<float>(values[i..]), limits)) i += Vector<float>.Count;
        while (i < values.Length && !(values[i] > limit)) i++;
        return i;
    }
}
