using Dray.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Http;

/// <summary>Gives every failure under <c>/v1</c> OpenAI's shape: what endpoints throw, and what the server itself answers without a body.</summary>
internal sealed class HttpFailures(RequestDelegate next, ILogger<HttpFailures> logger)
{
    private const int ClientGone = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
            if (!context.Response.HasStarted) context.Response.StatusCode = ClientGone;
            return;
        }
        catch (Exception e)
        {
            var failure = HttpFailure.Of(e);

            // A request that doesn't fit beside the others is nothing to look into.
            if (failure.Status >= StatusCodes.Status500InternalServerError && e is not BadHttpRequestException) logger.LogError(e, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
            if (context.Response.HasStarted)
            {
                // Events tell themselves what is wrong; anything else is to be seen as cut off.
                if (context.Response.ContentType == EventStream.ContentType) return;
                throw;
            }

            context.Response.Clear();
            await failure.WriteAsync(context);
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null }) await Bare(context).WriteAsync(context);
    }

    private static HttpFailure Bare(HttpContext context)
    {
        var request = context.Request;
        var message = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"There is no {request.Path}; /openapi/v1.json lists what there is.",
            StatusCodes.Status405MethodNotAllowed => $"{request.Path} doesn't take {request.Method}; use {context.Response.Headers.Allow}.",
            StatusCodes.Status415UnsupportedMediaType => $"{request.Path} doesn't take the content type '{request.ContentType}'; send application/json.",
            _ => $"{request.Method} {request.Path} can't be answered.",
        };
        return HttpFailure.Refused(context.Response.StatusCode, ErrorCodes.InvalidRequest, message);
    }
}
