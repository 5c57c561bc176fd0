using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Dray.Worker.Http.Files;

/// <summary><c>/v1/files</c>: inputs of batches, and what batches gave.</summary>
internal sealed class FileEndpoints(FileStore files, BatchOutputs outputs, IBlobStore store)
{
    private const int MostListed = 10_000;

    /// <summary>Maps the endpoints.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var limit = new RequestSizeLimit(endpoints.ServiceProvider.GetRequiredService<HttpApiOptions>().MaxFileBytes + (long)FileUpload.MaxFormBytes);
        endpoints.MapPost("/v1/files", async (HttpContext context, FileUpload upload) => Results.Json(await upload.ReceiveAsync(context))).WithMetadata(limit);
        endpoints.MapGet("/v1/files", (HttpContext context, FileEndpoints files) => files.ListAsync(context));
        endpoints.MapGet("/v1/files/{id}", async (HttpContext context, FileEndpoints files, string id) => Results.Json((await files.FindAsync(context, id)).File));
        endpoints.MapGet("/v1/files/{id}/content", (HttpContext context, FileEndpoints files, string id) => files.SendAsync(context, id));
        endpoints.MapDelete("/v1/files/{id}", (HttpContext context, FileEndpoints files, string id) => files.DeleteAsync(context, id));
    }

    /// <summary>That there is no such file, whoever asks.</summary>
    public static RequestRejectedException Unknown(string fileId, string param) => new(
        ErrorCodes.NotFound, $"There is no file '{(fileId.Length <= BatchPaths.MaxIdLength ? fileId : fileId[..BatchPaths.MaxIdLength] + "...")}'; GET /v1/files lists what there is.", param);

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = ListQuery.Limit(query, MostListed, MostListed);
        var oldestFirst = ListQuery.OneOf(query, "order", "desc", "asc") == "asc";
        var after = ListQuery.After(query) is { } id ? await FindStoredAsync(context, id, "after") : null;
        if (query["purpose"] is [{ Length: > 0 } purpose] && purpose != BatchFile.InputPurpose) return ListDocument.Of<BatchFile>([], false, file => file.Id);
        var (found, hasMore) = await files.ListAsync(Tenant.Of(context).Name, after?.File, limit, oldestFirst, context.RequestAborted);
        return ListDocument.Of(found, hasMore, file => file.Id);
    }

    private async Task SendAsync(HttpContext context, string id)
    {
        var file = await FindAsync(context, id);
        await using var content = await store.OpenReadAsync(file.Content.Path, cancellationToken: context.RequestAborted);
        var response = context.Response;
        response.ContentType = "application/octet-stream";
        response.ContentLength = file.Content.Bytes;

        // Whatever is in it, a browser keeps it as a file.
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(file.File.FileName);
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.XContentTypeOptions = "nosniff";
        await content.CopyToAsync(response.Body, context.RequestAborted);
    }

    private async Task<IResult> DeleteAsync(HttpContext context, string id)
    {
        if (await FindStoredAsync(context, id) is { } file)
        {
            await files.DeleteAsync(file, context.RequestAborted);
            return Results.Json(new { id, @object = "file", deleted = true });
        }

        var given = await FindAsync(context, id);
        throw new RequestRejectedException(
            ErrorCodes.InvalidRequest, $"The file '{given.File.Id}' is part of a batch and can't be deleted by itself; it goes with the batch's folder in the store.", "id");
    }

    private async Task<StoredFile?> FindStoredAsync(HttpContext context, string id) =>
        Tenant.Of(context).Owns(id) ? await files.TryReadAsync(id, context.RequestAborted) : null;

    private async Task<StoredFile> FindStoredAsync(HttpContext context, string id, string param) =>
        await FindStoredAsync(context, id) ?? throw Unknown(id, param);

    private async Task<StoredFile> FindAsync(HttpContext context, string id) =>
        await FindStoredAsync(context, id)
        ?? (Tenant.Of(context).Owns(id) ? await outputs.TryReadAsync(id, context.RequestAborted) : null)
        ?? throw Unknown(id, "id");
}
