namespace Dray.Quantization.Calibration;

/// <summary>Calibration data that can't be used. The message is a whole sentence that names the source and the remedy.</summary>
/// <param name="message">The sentence.</param>
/// <param name="innerException">What caused it, or null.</param>
public sealed class CalibrationException(string message, Exception? innerException = null) : Exception(message, innerException);
