using Dray.Inference.Tokenization;

namespace Dray.Quantization.Evaluation;

/// <summary>The prompts that generation starts from.</summary>
public static class GenerationPrompts
{
    /// <summary>Tokens of a text from one prompt's beginning to the next one's.</summary>
    private const int Stride = 8192;

    /// <summary>Prompt p of each length begins at the text's token 8192·p.</summary>
    /// <param name="ids">The text's tokens.</param>
    /// <param name="options">How many and how long.</param>
    /// <returns>Per length, the tokens of each prompt.</returns>
    /// <exception cref="ArgumentException">The text is too short.</exception>
    public static IReadOnlyList<int[][]> OfText(int[] ids, GenerationKldOptions options)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(options);
        var needed = ((options.Prompts - 1) * Stride) + options.PromptLengths.Max();
        if (ids.Length < needed)
        {
            throw new ArgumentException(
                $"The text has {ids.Length} tokens, but {options.Prompts} prompts, one every {Stride} tokens, need {needed}; give a longer text or fewer --prompts.");
        }

        return [.. options.PromptLengths.Select(length => Enumerable.Range(0, options.Prompts).Select(prompt => ids.AsSpan(prompt * Stride, length).ToArray()).ToArray())];
    }

    /// <summary>Chat prompts of common words in random order.</summary>
    /// <param name="tokenizer">The models' tokenizer.</param>
    /// <param name="options">How many and how long.</param>
    /// <returns>Per length, the tokens of each prompt.</returns>
    /// <exception cref="ArgumentException">The chat format alone is longer than a prompt.</exception>
    public static IReadOnlyList<int[][]> Synthetic(TekkenTokenizer tokenizer, GenerationKldOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var encoder = new ChatEncoder(tokenizer);
        return [.. options.PromptLengths.Select(Prompts)];

        int[][] Prompts(int length)
        {
            var prompts = new SyntheticPrompts(tokenizer, length);
            return [.. Enumerable.Range(0, options.Prompts).Select(seed => encoder.Encode(prompts.Create(seed), []).Ids)];
        }
    }
}
