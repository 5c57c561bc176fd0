namespace Dray.Quantization.Evaluation;

/// <summary>Divergence of a model from its base along the base's greedy answers.</summary>
/// <param name="Lengths">Per prompt length.</param>
public sealed record GenerationKldReport(IReadOnlyList<GenerationKldLength> Lengths)
{
    /// <summary>Gets the steps of each answer.</summary>
    public int Steps => Lengths[0].Steps.Count;
}
