using System.Net;
using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Page;

/// <summary>
/// Refuses what other sites make a browser ask: a name of theirs that leads to this machine (DNS rebinding), and forms of theirs that are
/// sent here.
/// </summary>
internal static class PageGuard
{
    /// <summary>Why a request is refused, in a sentence, or null where it isn't.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isOpen">Whether nobody has to sign in, so that to reach the page is all it takes.</param>
    public static string? Refuse(HttpContext context, bool isOpen)
    {
        var request = context.Request;
        if (isOpen && context.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local) && !IsLoopback(request.Host.Host))
            return "This server answers to names of this machine only; open it as http://localhost, or set API keys.";
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return null;
        var isForeign = request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none")
            || (request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsSame(origin, request));
        return isForeign ? "The form was sent from another site; open the page here and try again." : null;
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // By host alone: a proxy in front may speak https where this server speaks http.
    private static bool IsSame(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var url)
        && url.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
