using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Http;

/// <summary>Lets requests under <c>/v1</c> in that have a known key, and says for whom they are.</summary>
internal sealed class ApiKeyGate(RequestDelegate next, ApiKeys keys)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (!keys.AreRequired) return next(context);
        var header = context.Request.Headers.Authorization.ToString();
        var hasKey = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        if (hasKey && keys.Match(header[Scheme.Length..].Trim()) is { } key)
        {
            context.Features.Set(key);
            context.Features.Set(new Tenant(key.Tenant));
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        var message = hasKey
            ? "The API key isn't known here, or was revoked; check it, or have one made with 'dray api-key create'."
            : "There is no API key; send it as 'Authorization: Bearer KEY'.";
        return HttpFailure.Refused(StatusCodes.Status401Unauthorized, HttpErrorCodes.InvalidApiKey, message).WriteAsync(context);
    }
}
