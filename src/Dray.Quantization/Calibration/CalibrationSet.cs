namespace Dray.Quantization.Calibration;

/// <summary>Texts that a model is calibrated on, as tokens.</summary>
/// <param name="Samples">Token ids, each sample <paramref name="SequenceLength"/> long.</param>
/// <param name="SequenceLength">Tokens of every sample.</param>
public sealed record CalibrationSet(IReadOnlyList<int[]> Samples, int SequenceLength);
