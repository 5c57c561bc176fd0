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
            if (found == tokens.Length && logits[token] <= logits[tokens[^1]]) continue;
            if (found < tokens.Length) found++;
            var place = found - 1;
            for (; place > 0 && logits[tokens[place - 1]] < logits[token]; place--) tokens[place] = tokens[place - 1];
            tokens[place] = token;
        }
    }
}
