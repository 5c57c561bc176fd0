using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Execution;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dray.Worker.Http;

/// <summary><c>/v1/models</c>.</summary>
internal sealed class ModelEndpoints(ServedModels models, IInferenceEngine engine, TimeProvider time)
{
    // The worker is put together when the model has just been loaded.
    private readonly long _created = time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Maps the endpoints.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v1/models", List).WithTags("models").WithSummary("Lists the models that requests may ask for.");
        endpoints.MapGet("/v1/models/{**id}", Find).WithTags("models").WithSummary("Describes a model.").Produces<ErrorResponse>(StatusCodes.Status404NotFound);
    }

    private ModelList List() => new() { Data = [.. models.Names.Select(Describe)] };

    private ModelDescription Find(string id) => models.Names.Contains(id)
        ? Describe(id)
        : throw new RequestRejectedException(
            ErrorCodes.ModelNotFound, $"The model '{(id.Length <= 128 ? id : id[..128] + "...")}' isn't served here; /v1/models lists those that are.", "model");

    private ModelDescription Describe(string id) => new() { Id = id, Created = _created, MaxModelLen = engine.Model.ContextLength };
}
