namespace Dray.Inference;

/// <summary>An engine can't run as it was configured, on this machine or with this checkpoint. The message names the option and the remedy.</summary>
/// <param name="message">A whole sentence with the remedy.</param>
/// <param name="innerException">What caused it, or null.</param>
public sealed class EngineConfigurationException(string message, Exception? innerException = null) : Exception(message, innerException);
