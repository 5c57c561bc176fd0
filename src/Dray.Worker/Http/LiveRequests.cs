using System.Globalization;
using System.Threading.RateLimiting;
using Dray.Worker.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Http;

/// <summary>How many requests are taken: each tenant's in a minute, and those that are answered at once.</summary>
internal static class LiveRequests
{
    private const string Policy = "live";

    /// <summary>Adds the limits.</summary>
    public static IServiceCollection AddRequestLimits(this IServiceCollection services, HttpApiOptions options) => services.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, ApiKey>(PerMinute);
        limiter.AddConcurrencyLimiter(Policy, live => (live.PermitLimit, live.QueueLimit) = (options.MaxRequests, 0));
        limiter.OnRejected = (context, _) => new ValueTask(RefusalOf(context.Lease, options).WriteAsync(context.HttpContext));
    });

    /// <summary>Endpoints that the engine answers while the client waits: limited in number and length, and refused while the worker drains.</summary>
    public static RouteGroupBuilder MapLive(this IEndpointRouteBuilder endpoints, HttpApiOptions options) => endpoints.MapGroup("")
        .RequireRateLimiting(Policy)
        .WithMetadata(new RequestSizeLimit(options.MaxRequestBytes))
        .AddEndpointFilter(async (invocation, next) =>
        {
            if (!invocation.HttpContext.RequestServices.GetRequiredService<DrainState>().IsDraining) return await next(invocation);
            await HttpFailure.Passing(HttpErrorCodes.Draining, "This server is stopping; ask again, or ask another one.").WriteAsync(invocation.HttpContext);
            return Results.Empty;
        });

    private static RateLimitPartition<ApiKey> PerMinute(HttpContext context) => context.Features.Get<ApiKey>() is { RequestsPerMinute: { } limit } key
        ? RateLimitPartition.GetFixedWindowLimiter(key, _ => new FixedWindowRateLimiterOptions { PermitLimit = limit, Window = TimeSpan.FromMinutes(1) })
        : RateLimitPartition.GetNoLimiter(ApiKey.None);

    private static HttpFailure RefusalOf(RateLimitLease lease, HttpApiOptions options) => lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
        ? HttpFailure.Refused(
            StatusCodes.Status429TooManyRequests, HttpErrorCodes.RateLimitExceeded,
            string.Create(CultureInfo.InvariantCulture, $"This key's requests of this minute are used up; ask again in {Math.Ceiling(wait.TotalSeconds)} s.")) with { RetryAfter = wait }
        : HttpFailure.Passing(HttpErrorCodes.Overloaded, $"{options.MaxRequests} requests are being answered, and no more are taken; ask again later, or raise max_http_requests.");
}
