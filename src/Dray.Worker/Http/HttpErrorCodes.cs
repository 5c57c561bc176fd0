namespace Dray.Worker.Http;

/// <summary>Codes of failures that only requests over HTTP have, beside <see cref="Contracts.ErrorCodes"/>; OpenAI's where it has one.</summary>
internal static class HttpErrorCodes
{
    /// <summary>401: there is no API key, or none that is known.</summary>
    public const string InvalidApiKey = "invalid_api_key";

    /// <summary>403: a browser asked for another site.</summary>
    public const string ForeignSite = "foreign_site";

    /// <summary>429: the tenant has asked too often.</summary>
    public const string RateLimitExceeded = "rate_limit_exceeded";

    /// <summary>503: as many requests are answered as may be, or their bodies are as long together as they may be.</summary>
    public const string Overloaded = "server_overloaded";

    /// <summary>503: the server is stopping.</summary>
    public const string Draining = "server_stopping";
}
