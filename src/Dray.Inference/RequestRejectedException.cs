namespace Dray.Inference;

/// <summary>A request that can't be answered as it stands. Fails its row and nothing else.</summary>
/// <param name="code">A machine-readable code of <see cref="RequestErrorCodes"/>.</param>
/// <param name="message">A whole sentence that names the value and the remedy.</param>
/// <param name="param">The field at fault, such as <c>messages[1].role</c>, or null.</param>
/// <param name="innerException">What caused it, or null.</param>
public sealed class RequestRejectedException(string code, string message, string? param = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Gets the machine-readable code.</summary>
    public string Code { get; } = code;

    /// <summary>Gets the field at fault, or null.</summary>
    public string? Param { get; } = param;
}
