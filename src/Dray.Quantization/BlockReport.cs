namespace Dray.Quantization;

/// <summary>How a decoder block fared.</summary>
/// <param name="Block">Its number, from 0.</param>
/// <param name="Losses">The loss at each iteration of tuning; empty where nothing was tuned.</param>
/// <param name="BestIteration">The iteration whose parameters were kept.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Warning">What the operator should know, as a sentence; null for nothing.</param>
public sealed record BlockReport(int Block, IReadOnlyList<double> Losses, int BestIteration, double Seconds, string? Warning)
{
    /// <summary>Gets the loss of rounding to nearest, before the first step; null where nothing was tuned.</summary>
    public double? FirstLoss => Losses.Count == 0 ? null : Losses[0];

    /// <summary>Gets the loss of what was kept; null where nothing was tuned.</summary>
    public double? BestLoss => Losses.Count == 0 ? null : Losses[BestIteration];
}
