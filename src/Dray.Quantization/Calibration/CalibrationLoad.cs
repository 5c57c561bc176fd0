namespace Dray.Quantization.Calibration;

/// <summary>Calibration samples and what whoever asked for them should know.</summary>
/// <param name="Set">The samples, at least one and at most as many as were asked for.</param>
/// <param name="Warnings">Whole sentences: records left out, sources with less text than asked for.</param>
public sealed record CalibrationLoad(CalibrationSet Set, IReadOnlyList<string> Warnings);
