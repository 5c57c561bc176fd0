namespace Dray.Worker.Input;

/// <summary>An input that can't be run as a whole; the message is a whole sentence with the remedy.</summary>
internal sealed class BatchRefusedException(string message, long? line = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Gets the line it is about, from 1, or null.</summary>
    public long? Line { get; } = line;
}
