using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dray.Worker.Http;

/// <summary>
/// Knows what other sites make a browser ask: by a name of theirs that leads to this machine (DNS rebinding), and from a page of theirs.
/// What isn't a browser sends neither header, and is never meant.
/// </summary>
internal sealed class SiteGuard(IServer server, ApiKeys keys)
{
    private readonly Lazy<bool> _isLocal = new(
        () => server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.All(address => new Uri(address).IsLoopback));

    /// <summary>
    /// Whether a request is for a name that isn't this machine's own, where only who is on this machine is to reach the server: it is
    /// served on loopback and asks for no key.
    /// </summary>
    public bool IsForeignName(HttpRequest request) =>
        !keys.AreRequired && request.Host.Host is { Length: > 0 } host && !IsLoopback(host) && _isLocal.Value;

    /// <summary>Whether a page of another site sent a request.</summary>
    public static bool IsForeignSite(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site
        ? site is not ("same-origin" or "none")
        : request.Headers.Origin.ToString() is { Length: > 0 } origin && !IsSame(origin, request);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    // By host alone: a proxy in front may speak https where this server speaks http.
    private static bool IsSame(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var url)
        && url.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
