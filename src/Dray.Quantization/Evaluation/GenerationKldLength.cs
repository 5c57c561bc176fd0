namespace Dray.Quantization.Evaluation;

/// <summary>Divergence along the base's answers to prompts of one length, in nats.</summary>
/// <param name="PromptLength">Tokens of each prompt.</param>
/// <param name="Prompts">The prompts.</param>
public sealed record GenerationKldLength(int PromptLength, IReadOnlyList<GenerationKldPrompt> Prompts)
{
    /// <summary>Gets the mean divergence right after the prompt.</summary>
    public double Step0 => Steps[0];

    /// <summary>Gets the mean divergence over all steps.</summary>
    public double Mean => Steps.Average();

    /// <summary>Gets the mean divergence over all steps but the first; null where there is one only.</summary>
    public double? LaterMean => Steps.Count > 1 ? Steps.Skip(1).Average() : null;

    /// <summary>Gets the mean divergence of each step.</summary>
    public IReadOnlyList<double> Steps { get; } =
        [.. Enumerable.Range(0, Prompts[0].Steps.Count).Select(step => Prompts.Average(prompt => prompt.Steps[step].Full))];

    /// <summary>Gets the percentage of steps where both have the same most probable token.</summary>
    public double SameTopPercent => 100 * Prompts.SelectMany(prompt => prompt.Steps).Average(step => step.SameTop ? 1.0 : 0.0);
}
