namespace Dray.Quantization.Evaluation;

/// <summary>Divergence along the base's answer to one prompt.</summary>
/// <param name="Generated">The base's tokens.</param>
/// <param name="Gaps">For each of them, how far its logit was above the second greatest.</param>
/// <param name="Steps">The divergence of each step's distribution; the first is the one right after the prompt.</param>
public sealed record GenerationKldPrompt(IReadOnlyList<int> Generated, IReadOnlyList<float> Gaps, IReadOnlyList<KldPosition> Steps);
