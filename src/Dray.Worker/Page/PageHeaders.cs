using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Page;

/// <summary>Headers of everything that pages are made of: nothing from elsewhere is loaded or run, and no other site can frame a page.</summary>
internal static class PageHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Sets them.</summary>
    public static ValueTask<object?> SetAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";

        // As antiforgery wants it on pages with forms: it warns where it finds less.
        headers.CacheControl = "no-cache, no-store";
        return next(context);
    }
}
