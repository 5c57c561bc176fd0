namespace Dray.Inference;

/// <summary>An engine can't run as it was configured, on this machine or with this checkpoint. The message names the option and the remedy.</summary>
public sealed class EngineConfigurationException(string message) : Exception(message);
