using Dray.Worker.Execution;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dray.Worker.Http;

/// <summary><c>/v1/models</c>.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v1/models", (ServedModels models) => Results.Json(new { @object = "list", data = models.Names.Select(Describe) }));

        static object Describe(string name) => new { id = name, @object = "model", created = 0, owned_by = "dray" };
    }
}
