namespace Dray.Quantization.Calibration.Conversations;

/// <summary>A record that can't be used. The message is the end of a sentence that begins with where the record is.</summary>
internal sealed class RecordException(string message, Exception? innerException = null) : Exception(message, innerException);
