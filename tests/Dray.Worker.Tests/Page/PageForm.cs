using System.Net;
using System.Text.RegularExpressions;
using Dray.Contracts;
using Dray.Worker.Tests.Support;
using MassTransit;

namespace Dray.Worker.Tests.Page;

/// <summary>Sends forms as a browser does.</summary>
internal static partial class PageForm
{
    private const string Name = "__RequestVerificationToken";

    public static Task SubmitAsync(WebWorker worker, string batchId, CancellationToken cancellationToken) =>
        worker.Bus.Publish(new SubmitBatch { BatchId = batchId }, cancellationToken);

    /// <summary>The hidden field of a page's forms.</summary>
    public static async Task<string> FieldAsync(WebWorker worker, string path, CancellationToken cancellationToken) =>
        Field().Match(await worker.Client.GetStringAsync(path, cancellationToken)).Groups[1].Value;

    /// <summary>Sends a form, and follows to the page that shows what became of it.</summary>
    public static async Task<HttpStatusCode> PostAsync(WebWorker worker, string path, string? field, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(field is null ? [] : [new(Name, field)]),
        };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await worker.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Field();
}
