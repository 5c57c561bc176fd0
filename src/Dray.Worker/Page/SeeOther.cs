using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Page;

/// <summary>After a form was sent: what became of it is to be seen at <paramref name="path"/>.</summary>
internal sealed class SeeOther(string path) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = path;
        return Task.CompletedTask;
    }
}
