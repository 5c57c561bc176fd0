using System.Net;

namespace Dray.Worker.Events;

/// <summary>A webhook answered something other than 2xx.</summary>
/// <param name="status">What it answered.</param>
/// <param name="retryAfter">When it wants to be asked again, or null where it doesn't say.</param>
internal sealed class WebhookAnswerException(HttpStatusCode status, TimeSpan? retryAfter)
    : Exception($"The webhook answered {(int)status} ({status}).")
{
    /// <summary>Gets what it answered.</summary>
    public HttpStatusCode Status => status;

    /// <summary>Gets when it wants to be asked again, or null where it doesn't say.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>
    /// Gets whether another attempt can't help: the endpoint is gone (410), refuses the event (4xx), or points elsewhere (3xx, never
    /// followed: a signed event goes to the address that the operator wrote, and nowhere else).
    /// </summary>
    public bool IsFinal => (int)status switch
    {
        408 or 409 or 425 or 429 => false,
        >= 300 and < 500 => true,
        _ => false,
    };
}
