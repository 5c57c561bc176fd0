namespace Dray.Worker.Transport;

/// <summary>The broker is out of reach or refused what was asked; the message is a whole sentence without secrets.</summary>
public sealed class BrokerException(string message, Exception? innerException = null) : Exception(message, innerException);
