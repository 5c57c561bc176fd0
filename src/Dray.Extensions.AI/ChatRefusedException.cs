namespace Dray.Extensions.AI;

/// <summary>A chat request that got no answer: something in it is wrong, or the engine failed on it. The two clients throw it alike.</summary>
/// <param name="code">One of <see cref="Contracts.ErrorCodes"/>.</param>
/// <param name="statusCode">The HTTP status that the code stands for: 4xx where the request is at fault, 5xx where the engine is.</param>
/// <param name="message">A whole sentence that names the value and the remedy.</param>
/// <param name="param">The field of the chat-completion body at fault, such as <c>messages[1].role</c>, or null.</param>
/// <param name="innerException">What caused it, or null.</param>
public sealed class ChatRefusedException(string code, int statusCode, string message, string? param = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Gets the machine-readable code.</summary>
    public string Code { get; } = code;

    /// <summary>Gets the HTTP status that the code stands for.</summary>
    public int StatusCode { get; } = statusCode;

    /// <summary>Gets the field at fault, or null.</summary>
    public string? Param { get; } = param;
}
