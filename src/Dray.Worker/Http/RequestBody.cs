using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Dray.Worker.Http;

/// <summary>Reads a request's body as JSON, whose length the endpoint limits by <see cref="IRequestSizeLimitMetadata"/>, and all bodies together <see cref="BodyBudget"/>.</summary>
internal static class RequestBody
{
    /// <summary>Reads the body.</summary>
    /// <exception cref="RequestRejectedException">It is no JSON object.</exception>
    /// <exception cref="BadHttpRequestException">It is too long, or too long with the others, or no JSON by its content type.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException(
                $"its content type is '{request.ContentType}', not application/json.", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return await JsonDocument.ParseAsync(BudgetedBody.Of(context), cancellationToken: context.RequestAborted);
        }
        catch (JsonException e)
        {
            throw new RequestRejectedException(ErrorCodes.InvalidRequest, $"The body isn't JSON: {e.Message}", null, e);
        }
    }
}
