namespace Dray.Inference.Compute;

/// <summary>A device has no memory left for what was to be allocated on it.</summary>
/// <param name="message">How much was asked for, and of what device.</param>
/// <param name="innerException">What the driver said, or null.</param>
public sealed class DeviceMemoryException(string message, Exception? innerException = null) : Exception(message, innerException);
