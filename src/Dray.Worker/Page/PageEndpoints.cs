using Dray.Inference;
using Dray.Worker.Client;
using Dray.Worker.Http;
using Dray.Worker.Page.Rows;
using Dray.Worker.Page.Views;
using Dray.Worker.Storage;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Page;

/// <summary>The page for people, at <c>/</c>.</summary>
internal static class PageEndpoints
{
    /// <summary>Maps it.</summary>
    public static void MapPage(this IEndpointRouteBuilder endpoints)
    {
        var guard = endpoints.ServiceProvider.GetRequiredService<SiteGuard>();
        var access = endpoints.ServiceProvider.GetRequiredService<PageAccess>();
        var all = endpoints.MapGroup("").ExcludeFromDescription().AddEndpointFilter(PageHeaders.SetAsync)
            .AddEndpointFilter((context, next) => GuardAsync(guard, context, next)).AddEndpointFilter(ExplainAsync);
        all.MapGet(PageAssets.Folder + "{name}", Asset);
        if (!access.IsOpen) MapSignIn(all, access);

        var pages = all.MapGroup("").AddEndpointFilter(access.AdmitAsync);
        pages.MapGet("/", (HttpContext context, string? after, PageViews views, CancellationToken token) =>
            views.OverviewAsync(Tenant.Of(context), after, token));

        var batch = pages.MapGroup("/batches/{id}").AddEndpointFilter(OwnAsync);
        batch.MapGet("", (string id, string? show, string? code, string? q, int? page, long? from, PageViews views, CancellationToken token) =>
            views.BatchAsync(id, RowFilter.Of(show, code, q), page ?? 1, Math.Max(1, from ?? 1), token));
        batch.MapGet("/rows/{number:long}", (string id, long number, PageViews views, CancellationToken token) => views.RowAsync(id, number, token));
        batch.MapGet(
            "/rows/{number:long}/images/{picture:int}",
            (string id, long number, int picture, string? size, PageViews views, HttpResponse response, CancellationToken token) =>
                views.PictureAsync(id, number, picture, size == "large", response, token));
        batch.MapGet("/output.jsonl", (string id, BatchDownloads downloads, CancellationToken token) => downloads.FileAsync(id, succeeded: true, token));
        batch.MapGet("/errors.jsonl", (string id, BatchDownloads downloads, CancellationToken token) => downloads.FileAsync(id, succeeded: false, token));
        batch.MapGet("/partial.jsonl", (string id, BatchDownloads downloads, CancellationToken token) => downloads.PartialAsync(id, token));
        batch.MapGet("/answers.csv", (string id, BatchDownloads downloads, CancellationToken token) => downloads.TableAsync(id, token));

        var actions = batch.MapGroup("").AddEndpointFilter(CheckFormAsync);
        actions.MapPost("/cancel", (string id, BatchClient client, CancellationToken token) => TellAsync(id, client.CancelAsync(id, token)));
        actions.MapPost("/pause", (string id, BatchClient client, CancellationToken token) => TellAsync(id, client.PauseAsync(id, token)));
        actions.MapPost("/resume", (string id, BatchClient client, CancellationToken token) => TellAsync(id, client.ResumeAsync(id, null, token)));
        actions.MapPost("/retry-failed", async (string id, BatchClient client, CancellationToken token) =>
            ToBatch((await client.RetryFailedAsync(id, cancellationToken: token)).Submitted?.BatchId ?? id));
    }

    private static void MapSignIn(RouteGroupBuilder all, PageAccess access)
    {
        all.MapGet("/sign-in", (string? next) => PageViews.Page<SignIn>(new() { [nameof(SignIn.Next)] = PageAccess.Local(next) }));
        var forms = all.MapGroup("").AddEndpointFilter(CheckFormAsync);
        forms.MapPost("/sign-out", (HttpContext context, CancellationToken _) => PageAccess.SignOutAsync(context));
        forms.MapPost("/sign-in", async (HttpContext context, CancellationToken token) =>
        {
            var form = await context.Request.ReadFormAsync(token);
            return await access.SignInAsync(context, form["key"].ToString().Trim(), form["next"]);
        });
    }

    private static IResult Asset(string name, HttpResponse response)
    {
        if (!PageAssets.All.TryGetValue(PageAssets.Folder + name, out var asset)) return PageViews.Problem(404, "No such file", "There is no such file.");
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(asset.Content, asset.ContentType);
    }

    private static async Task<SeeOther> TellAsync(string id, Task<BatchSnapshot> told)
    {
        await told;
        return ToBatch(id);
    }

    private static SeeOther ToBatch(string id) => new($"/batches/{id}");

    private static async ValueTask<object?> GuardAsync(SiteGuard guard, EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (guard.IsForeignName(request)) return Refused("This server answers to names of this machine only; open it as http://localhost, or set api_keys_file.");
        var isForm = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        return isForm && SiteGuard.IsForeignSite(request) ? Refused("The form was sent from another site; open the page here and try again.") : await next(context);
    }

    private static IResult Refused(string message) => PageViews.Problem(StatusCodes.Status403Forbidden, "Refused", message);

    private static async ValueTask<object?> ExplainAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (BatchClientException e)
        {
            return e.Problem switch
            {
                BatchClientProblem.UnknownBatch => PageViews.Problem(StatusCodes.Status404NotFound, "No such batch", e.Message),
                BatchClientProblem.StoreOutOfReach or BatchClientProblem.BrokerOutOfReach =>
                    PageViews.Problem(StatusCodes.Status503ServiceUnavailable, "Out of reach", e.Message),
                _ => PageViews.Problem(StatusCodes.Status409Conflict, "That can't be done", e.Message),
            };
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return PageViews.Problem(StatusCodes.Status503ServiceUnavailable, "The store can't be read", e.Message);
        }
        catch (RequestRejectedException e)
        {
            return PageViews.Problem(StatusCodes.Status422UnprocessableEntity, "The picture can't be shown", e.Message);
        }
    }

    // Whether a batch of another tenant is there is nobody's business.
    private static async ValueTask<object?> OwnAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var id = (string?)context.HttpContext.GetRouteValue("id") ?? "";
        if (!BatchPaths.IsId(id) || !Tenant.Of(context.HttpContext).Owns(id)) throw BatchReader.Unknown(id);
        return await next(context);
    }

    private static async ValueTask<object?> CheckFormAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var antiforgery = context.HttpContext.RequestServices.GetRequiredService<IAntiforgery>();
        return await antiforgery.IsRequestValidAsync(context.HttpContext)
            ? await next(context)
            : PageViews.Problem(
                StatusCodes.Status400BadRequest, "Open the page again", "The form is from before the server was started again, or from elsewhere.");
    }
}
