namespace Dray.Quantization.Evaluation;

/// <summary>Divergence of a model from its base on a text.</summary>
/// <param name="Positions">Every position scored, chunk by chunk.</param>
/// <param name="Context">Tokens per chunk.</param>
public sealed record KldReport(IReadOnlyList<KldPosition> Positions, int Context)
{
    /// <summary>Gets the divergence over the whole vocabulary.</summary>
    public KldSummary Full => KldSummary.Of(Positions.Select(position => position.Full));

    /// <summary>Gets <see cref="KldPosition.Api"/> over all positions.</summary>
    public KldSummary Api => KldSummary.Of(Positions.Select(position => position.Api));

    /// <summary>Gets <see cref="KldPosition.Raw"/> over all positions.</summary>
    public KldSummary Raw => KldSummary.Of(Positions.Select(position => position.Raw));

    /// <summary>Gets <see cref="KldPosition.Renormalised"/> over all positions.</summary>
    public KldSummary Renormalised => KldSummary.Of(Positions.Select(position => position.Renormalised));

    /// <summary>Gets the percentage of positions where both have the same most probable token.</summary>
    public double SameTopPercent => 100.0 * Positions.Count(position => position.SameTop) / Positions.Count;

    /// <summary>Gets the root mean square of the change in the next token's probability, in percent.</summary>
    public double DeltaPercentRms => 100 * Math.Sqrt(Deltas.Average(delta => delta * delta));

    /// <summary>Gets the mean change in the next token's probability, in percent.</summary>
    public double DeltaPercentMean => 100 * Deltas.Average();

    private IEnumerable<double> Deltas => Positions.Where(position => position.DeltaP is not null).Select(position => position.DeltaP!.Value);
}
