namespace Dray.Cli.Labelling;

/// <summary>Tokens of all answers, earlier runs' included.</summary>
/// <param name="PromptTokens">The prompts' tokens, pictures included.</param>
/// <param name="CompletionTokens">The tokens generated.</param>
internal readonly record struct LabelUsage(long PromptTokens, long CompletionTokens)
{
    /// <summary>With a part's.</summary>
    public LabelUsage Plus(LabelPartHeader part) => new(PromptTokens + part.PromptTokens, CompletionTokens + part.CompletionTokens);
}
