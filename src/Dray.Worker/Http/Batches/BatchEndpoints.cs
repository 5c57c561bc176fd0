using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Client;
using Dray.Worker.Http.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Dray.Worker.Http.Batches;

/// <summary>
/// <c>/v1/batches</c>: the same batches as the queue's, which any worker on it runs. To pause, to resume and to retry what failed are
/// Dray's own.
/// </summary>
internal sealed class BatchEndpoints(BatchClient client, FileStore files, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int MaxBodyBytes = 256 * 1024;
    private const int StandardLimit = 20;
    private const int MostListed = 100;

    /// <summary>Maps the endpoints.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var limit = new RequestSizeLimit(MaxBodyBytes);
        endpoints.MapPost("/v1/batches", (HttpContext context, BatchEndpoints batches) => batches.CreateAsync(context)).WithMetadata(limit);
        endpoints.MapGet("/v1/batches", (HttpContext context, BatchEndpoints batches) => batches.ListAsync(context));
        endpoints.MapGet("/v1/batches/{id}", async (HttpContext context, BatchEndpoints batches, string id) => Json(await batches.FindAsync(context, id)));
        endpoints.MapPost("/v1/batches/{id}/cancel", (HttpContext context, BatchEndpoints batches, string id) => batches.CancelAsync(context, id)).WithMetadata(limit);
        endpoints.MapPost("/v1/batches/{id}/pause", (HttpContext context, BatchEndpoints batches, string id) => batches.PauseAsync(context, id)).WithMetadata(limit);
        endpoints.MapPost("/v1/batches/{id}/resume", (HttpContext context, BatchEndpoints batches, string id) => batches.ResumeAsync(context, id)).WithMetadata(limit);
        endpoints.MapPost("/v1/batches/{id}/retry_failed", (HttpContext context, BatchEndpoints batches, string id) => batches.RetryAsync(context, id)).WithMetadata(limit);
    }

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        using var body = await RequestBody.ReadAsync(context);
        var request = BatchRequest.Read(body.RootElement);
        var tenant = Tenant.Of(context);
        var file = (tenant.Owns(request.InputFileId) ? await files.TryReadAsync(request.InputFileId, context.RequestAborted) : null)
            ?? throw FileEndpoints.Unknown(request.InputFileId, "input_file_id");
        var key = context.Request.Headers["Idempotency-Key"] is [{ Length: > 0 } given] ? given : null;
        var id = tenant.Own(key is null ? BatchIdentity.OfNone() : BatchIdentity.OfKey(key));

        // A client that goes away meanwhile may ask again under the same key: what has begun is brought to its end.
        await client.SubmitAsync(id, file, request.Options with { Key = key }, lifetime.ApplicationStopping);
        return Json(await client.StatusAsync(id, context.RequestAborted));
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = ListQuery.Limit(query, StandardLimit, MostListed);
        var page = await client.ListAsync(Tenant.Of(context).Name, ListQuery.After(query), limit, context.RequestAborted);
        return ListDocument.Of([.. page.Batches.Select(BatchDocument.Of)], page.HasMore, batch => batch.Id);
    }

    private async Task<IResult> CancelAsync(HttpContext context, string id)
    {
        if (!IsCancelled((await FindAsync(context, id)).Batch)) await client.CancelAsync(id, context.RequestAborted);
        var snapshot = await FindAsync(context, id);
        if (IsDone(snapshot.Batch.Status) && !IsCancelled(snapshot.Batch)) throw TooLate(snapshot, "cancelled");

        // Workers are told, and may not have noted it yet.
        return Json(IsCancelled(snapshot.Batch) ? snapshot : snapshot with
        {
            Batch = snapshot.Batch with { Status = BatchStatus.Cancelling, CancellingAt = time.GetUtcNow().ToUnixTimeSeconds() },
        });
    }

    private async Task<IResult> PauseAsync(HttpContext context, string id)
    {
        var snapshot = await FindAsync(context, id);
        if (snapshot.Batch.Status is not (BatchStatus.Validating or BatchStatus.InProgress or BatchStatus.Paused)) throw TooLate(snapshot, "paused");
        await client.PauseAsync(id, context.RequestAborted);
        return Json(snapshot with { Batch = snapshot.Batch with { Status = BatchStatus.Paused } });
    }

    private async Task<IResult> ResumeAsync(HttpContext context, string id)
    {
        long? maxTokensTotal = null;
        foreach (var (name, value) in await FieldsAsync(context))
            maxTokensTotal = name == "max_tokens_total" ? BodyFields.Count(name, value) : throw BodyFields.Unknown(name);
        var snapshot = await FindAsync(context, id);
        if (IsDone(snapshot.Batch.Status) || snapshot.Batch.CancellingAt is not null) throw TooLate(snapshot, "resumed");
        await client.ResumeAsync(id, maxTokensTotal, context.RequestAborted);
        return Json(snapshot.Batch.Status == BatchStatus.Paused
            ? snapshot with { Batch = snapshot.Batch with { Status = BatchStatus.InProgress } }
            : snapshot);
    }

    private async Task<IResult> RetryAsync(HttpContext context, string id)
    {
        var includesUnfinished = false;
        long? maxTokensTotal = null;
        foreach (var (name, value) in await FieldsAsync(context))
        {
            if (name == "include_unfinished") includesUnfinished = BodyFields.Flag(name, value);
            else maxTokensTotal = name == "max_tokens_total" ? BodyFields.Count(name, value) : throw BodyFields.Unknown(name);
        }

        await FindAsync(context, id);
        var result = await client.RetryFailedAsync(id, includesUnfinished, maxTokensTotal, lifetime.ApplicationStopping);
        if (result.Submitted is { } submitted) return Json(await client.StatusAsync(submitted.BatchId, context.RequestAborted));
        throw new RequestRejectedException(
            ErrorCodes.InvalidRequest,
            result.Unfinished == 0
                ? $"No row of the batch '{id}' failed; there is nothing to retry."
                : $"No row of the batch '{id}' failed; {result.Unfinished} never ran, and \"include_unfinished\": true submits those.",
            "id");
    }

    private static async Task<IReadOnlyList<(string Name, System.Text.Json.JsonElement Value)>> FieldsAsync(HttpContext context)
    {
        if (context.Request.ContentLength is 0 || (context.Request.ContentLength is null && !context.Request.HasJsonContentType())) return [];
        using var body = await RequestBody.ReadAsync(context);
        return [.. BodyFields.Of(body.RootElement.Clone())];
    }

    private static bool IsDone(BatchStatus status) => status is BatchStatus.Completed or BatchStatus.Failed or BatchStatus.Expired or BatchStatus.Cancelled;

    private static bool IsCancelled(Batch batch) => batch.CancellingAt is not null || batch.Status == BatchStatus.Cancelled;

    private static RequestRejectedException TooLate(BatchSnapshot snapshot, string asked) => new(
        ErrorCodes.InvalidRequest,
        $"The batch '{snapshot.Batch.Id}' is {System.Text.Json.JsonSerializer.Serialize(snapshot.Batch.Status).Trim('"')} and can't be {asked} any more.",
        "id");

    private static IResult Json(BatchSnapshot snapshot) => Results.Json(BatchDocument.Of(snapshot));

    private Task<BatchSnapshot> FindAsync(HttpContext context, string id) =>
        Tenant.Of(context).Owns(id) ? client.StatusAsync(id, context.RequestAborted) : throw BatchReader.Unknown(id);
}
