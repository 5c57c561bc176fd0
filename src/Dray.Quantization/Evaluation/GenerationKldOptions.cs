namespace Dray.Quantization.Evaluation;

/// <summary>What the divergence along generated text is measured on.</summary>
public sealed record GenerationKldOptions
{
    /// <summary>The most tokens of a prompt.</summary>
    public const int MaxPromptTokens = 1 << 17;

    /// <summary>The most tokens to generate.</summary>
    public const int MaxTokens = 4096;

    /// <summary>The most prompts of a length.</summary>
    public const int MaxPrompts = 64;

    /// <summary>Gets the prompts' lengths in tokens. <value>The default value is 128, 512 and 1024 tokens.</value></summary>
    public IReadOnlyList<int> PromptLengths { get; init; } = [128, 512, 1024];

    /// <summary>Gets the tokens to generate. <value>The default value is 128.</value></summary>
    public int Tokens { get; init; } = 128;

    /// <summary>Gets the prompts of each length. <value>The default value is 4.</value></summary>
    public int Prompts { get; init; } = 4;

    /// <summary>Checks the numbers.</summary>
    /// <param name="context">The tokens that a sequence of either model can have.</param>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    public void Validate(int context)
    {
        if (PromptLengths.Count == 0 || PromptLengths.Any(length => length is < 1 or > MaxPromptTokens) || PromptLengths.Distinct().Count() < PromptLengths.Count)
            throw new ArgumentException($"The prompts' lengths are '{string.Join(',', PromptLengths)}', but they must be different numbers from 1 to {MaxPromptTokens}.");
        if (Tokens is < 1 or > MaxTokens) throw new ArgumentException($"The tokens to generate are {Tokens}, but they must be from 1 to {MaxTokens}.");
        if (Prompts is < 1 or > MaxPrompts) throw new ArgumentException($"The prompts of each length are {Prompts}, but they must be from 1 to {MaxPrompts}.");
        if (PromptLengths.Max() + Tokens > context)
        {
            throw new ArgumentException(
                $"A prompt of {PromptLengths.Max()} tokens and {Tokens} generated ones are more than the {context} that a sequence may have; lower --prompt-lengths or --gen.");
        }
    }
}
