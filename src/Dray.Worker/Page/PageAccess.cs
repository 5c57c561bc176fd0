using System.Security.Claims;
using Dray.Worker.Http;
using Dray.Worker.Page.Views;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Page;

/// <summary>
/// Who sees the page: everyone where no API keys are set, otherwise whoever has signed in with one. The cookie holds the key's hash, and
/// each request looks it up: a key that is revoked ends what it began.
/// </summary>
internal sealed class PageAccess(ApiKeys keys)
{
    /// <summary>The name of the cookie, and of the scheme.</summary>
    public const string Scheme = "dray-page";

    private const string SignInPath = "/sign-in";

    /// <summary>Gets whether everyone sees everything.</summary>
    public bool IsOpen => !keys.AreRequired;

    /// <summary>How the cookie is made.</summary>
    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = Scheme;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = TimeSpan.FromHours(12);
        options.SlidingExpiration = true;
    }

    /// <summary>Lets a request through that may be made, on behalf of the tenant whose key it was; others are to sign in.</summary>
    public async ValueTask<object?> AdmitAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (IsOpen) return await next(context);
        var found = await http.AuthenticateAsync(Scheme);
        if (found.Principal?.FindFirstValue(ClaimTypes.Hash) is { } hash && keys.FindHash(hash) is { } tenant)
        {
            http.Features.Set(tenant);
            return await next(context);
        }

        var wanted = HttpMethods.IsGet(http.Request.Method) ? http.Request.PathBase + http.Request.Path + http.Request.QueryString : "/";
        return new SeeOther($"{SignInPath}?next={Uri.EscapeDataString(wanted)}");
    }

    /// <summary>Signs in whoever has a key, and goes on to the page that was wanted.</summary>
    public async Task<IResult> SignInAsync(HttpContext context, string key, string? next)
    {
        if (keys.Match(key) is not { } match)
        {
            return PageViews.Page<SignIn>(
                new() { [nameof(SignIn.Next)] = Local(next), [nameof(SignIn.IsRefused)] = true }, StatusCodes.Status401Unauthorized);
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Hash, match.Sha256)], Scheme);
        await context.SignInAsync(Scheme, new ClaimsPrincipal(identity));
        return new SeeOther(Local(next));
    }

    /// <summary>Signs out.</summary>
    public static async Task<IResult> SignOutAsync(HttpContext context)
    {
        await context.SignOutAsync(Scheme);
        return new SeeOther(SignInPath);
    }

    /// <summary>A path of this server's, whatever a link says.</summary>
    public static string Local(string? path) =>
        path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && !path.AsSpan().ContainsAny("\\\r\n\t") ? path : "/";
}
