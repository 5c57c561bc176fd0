namespace Dray.Inference;

/// <summary>
/// A device doesn't answer any more: it was taken away, reset, or an operation broke its context. Nothing that was on it can be read,
/// and only a new process may use it again. Whatever ran on it is not to blame.
/// </summary>
/// <param name="message">Which device, and what the driver said of it.</param>
/// <param name="innerException">What the driver said, or null.</param>
public sealed class DeviceLostException(string message, Exception? innerException = null) : Exception(message, innerException);
