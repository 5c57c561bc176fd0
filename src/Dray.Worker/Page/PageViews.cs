using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Http;
using Dray.Worker.Page.Rows;
using Dray.Worker.Page.Views;
using Dray.Worker.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Dray.Worker.Page;

/// <summary>Puts pages together.</summary>
internal sealed class PageViews(BatchClient client, IBlobStore store, RowBrowser browser, RowPictures pictures, EngineSampler sampler, TimeProvider time)
{
    private const int BatchesPerPage = 25;
    private const int SmallSide = 320;
    private const int LargeSide = 1600;

    /// <summary>The batches, and how the engine is.</summary>
    public async Task<IResult> OverviewAsync(Tenant tenant, string? after, CancellationToken cancellationToken) => Page<Overview>(new()
    {
        [nameof(Overview.Charts)] = Charts(),
        [nameof(Overview.Batches)] = await client.ListAsync(tenant.Name, after, BatchesPerPage, cancellationToken),
        [nameof(Overview.After)] = after,
        [nameof(Overview.Now)] = time.GetUtcNow(),
    });

    /// <summary>A batch with some of its rows.</summary>
    public async Task<IResult> BatchAsync(string batchId, RowFilter filter, int page, long from, CancellationToken cancellationToken)
    {
        var snapshot = await client.StatusAsync(batchId, cancellationToken);
        var state = await StateAsync(batchId, cancellationToken);
        var rows = state is null ? new RowPage { Rows = [], Total = 0 }
            : filter.Text.Length > 0 ? await browser.SearchAsync(state, filter, from, cancellationToken)
            : await browser.ListAsync(state, filter, page, cancellationToken);
        return Page<BatchDetail>(new()
        {
            [nameof(BatchDetail.Snapshot)] = snapshot,
            [nameof(BatchDetail.Page)] = rows,
            [nameof(BatchDetail.Filter)] = filter,
            [nameof(BatchDetail.First)] = from,
            [nameof(BatchDetail.Errors)] = state is null ? [] : await browser.ErrorsAsync(state, cancellationToken),
            [nameof(BatchDetail.Now)] = time.GetUtcNow(),
        });
    }

    /// <summary>One row.</summary>
    public async Task<IResult> RowAsync(string batchId, long number, CancellationToken cancellationToken)
    {
        var snapshot = await client.StatusAsync(batchId, cancellationToken);
        if (await StateAsync(batchId, cancellationToken) is not { } state || await browser.ReadAsync(state, number, cancellationToken) is not { } row)
            return Problem(StatusCodes.Status404NotFound, "No such row", $"The batch has no row {number}.");
        return Page<RowDetail>(new() { [nameof(RowDetail.Snapshot)] = snapshot, [nameof(RowDetail.Row)] = row });
    }

    /// <summary>A picture of a row.</summary>
    public async Task<IResult> PictureAsync(string batchId, long number, int picture, bool isLarge, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await StateAsync(batchId, cancellationToken) is not { } state
            || await pictures.ReadAsync(state, number, picture, isLarge ? LargeSide : SmallSide, cancellationToken) is not { } jpeg)
            return Problem(StatusCodes.Status404NotFound, "No such picture", $"Row {number} has no picture {picture + 1} that is shown here.");
        response.Headers.CacheControl = "private, max-age=86400, immutable";
        return Results.Bytes(jpeg, "image/jpeg");
    }

    /// <summary>What went wrong.</summary>
    public static IResult Problem(int status, string title, string message) =>
        Page<Problem>(new() { [nameof(Views.Problem.Title)] = title, [nameof(Views.Problem.Message)] = message }, status);

    /// <summary>A page.</summary>
    public static IResult Page<T>(Dictionary<string, object?> parameters, int status = StatusCodes.Status200OK)
        where T : Microsoft.AspNetCore.Components.IComponent =>
        new RazorComponentResult<T>(parameters) { StatusCode = status, PreventStreamingRendering = true };

    private Task<BatchState?> StateAsync(string batchId, CancellationToken cancellationToken) =>
        ServiceFaults.ExplainAsync(() => store.TryReadJsonAsync<BatchState>(BatchPaths.State(batchId), cancellationToken));

    private Sparkline[] Charts()
    {
        var samples = sampler.Read();
        return
        [
            Sparkline.OfNumbers("Generated tokens/s", samples.Select(sample => sample.GeneratedPerSecond)),
            Sparkline.OfNumbers("Prompt tokens/s", samples.Select(sample => sample.PromptPerSecond)),
            Sparkline.OfShares("KV cache in use", samples.Select(sample => sample.KvUse)),
            Sparkline.OfShares("Prefill fill, mean", samples.Select(sample => sample.PrefillFill)),
            Sparkline.OfNumbers("Sequences running", samples.Select(sample => sample.Running)),
            Sparkline.OfNumbers("Sequences waiting", samples.Select(sample => sample.Waiting)),
            Sparkline.OfNumbers(sampler.HasQueues ? "Messages queued" : "Rows remaining", samples.Select(sample => sample.Queued)),
        ];
    }
}
