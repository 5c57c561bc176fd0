using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Http;

/// <summary>
/// Where no API keys are set, refuses requests under <c>/v1</c> that a browser makes for another site; origins that may call the interface
/// are let in. A key is nothing that a browser sends by itself, so that it protects enough where one is asked for.
/// </summary>
internal sealed class SiteGate(RequestDelegate next, SiteGuard guard, ApiKeys keys, HttpApiOptions options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (guard.IsForeignName(request))
            return RefuseAsync(context, $"This server answers to names of this machine only, not to '{request.Host.Host}'; ask it as http://localhost, or set api_keys_file.");
        if (keys.AreRequired || !SiteGuard.IsForeignSite(request) || IsAllowed(request)) return next(context);
        return RefuseAsync(context, "A page of another site asked; name its origin in cors_origins to let it, or set api_keys_file.");
    }

    private bool IsAllowed(HttpRequest request) => options.CorsOrigins.Contains(request.Headers.Origin.ToString(), StringComparer.OrdinalIgnoreCase);

    private static Task RefuseAsync(HttpContext context, string message) =>
        HttpFailure.Refused(StatusCodes.Status403Forbidden, HttpErrorCodes.ForeignSite, message).WriteAsync(context);
}
