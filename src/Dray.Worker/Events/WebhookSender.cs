using System.Globalization;
using System.Net.Http.Headers;
using Dray.Worker.Telemetry;
using Microsoft.Extensions.Logging;
using Polly.Registry;

namespace Dray.Worker.Events;

/// <summary>
/// Posts events to the operator's webhook through <see cref="EventDelivery"/>. An endpoint that refuses an event loses that event, with a
/// warning; one that is out of reach makes the call fail, so that the delivery which caused the event comes again.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);
    private readonly HttpClient _client;
    private readonly WebhookSettings _settings;
    private readonly ResiliencePipelineProvider<string> _pipelines;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookSender> _logger;

    public WebhookSender(
        WebhookSettings settings, ResiliencePipelineProvider<string> pipelines, TimeProvider time, ILogger<WebhookSender> logger)
    {
        (_settings, _pipelines, _time, _logger) = (settings, pipelines, time, logger);

        // The pipeline owns time limits and retries; connections are renewed, so that a changed address is seen.
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectTimeout = EventDelivery.AttemptTimeout,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Dray", "1.0"));
    }

    /// <summary>Gets whether progress is wanted.</summary>
    public bool IncludesProgress => _settings.IncludeProgress;

    /// <summary>Posts an event.</summary>
    /// <returns>False where the endpoint refused it for good.</returns>
    /// <exception cref="Exception">The endpoint is still out of reach after all attempts.</exception>
    public async Task<bool> PostAsync(WebhookMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _pipelines.GetPipeline(EventDelivery.WebhookPipeline).ExecuteAsync(
                async token => await AttemptAsync(message, token), cancellationToken);
            return true;
        }
        catch (WebhookAnswerException e) when (e.IsFinal)
        {
            _logger.LogWarning(
                "The webhook at {Host} answered {Status} to {Type} {EventId}, which is not sent there again; {Remedy}.",
                SecretText.Host(_settings.Url), (int)e.Status, message.Type, message.Id,
                (int)e.Status < 400 ? "redirects are never followed: set webhook_url to the final address"
                    : "check webhook_url and what the endpoint expects");
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task AttemptAsync(WebhookMessage message, CancellationToken cancellationToken)
    {
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, _settings.Url) { Content = new ReadOnlyMemoryContent(message.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.Add(WebhookMessage.IdHeader, message.Id);
        request.Headers.Add(WebhookMessage.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookMessage.SignatureHeader, message.Sign(_settings.Key.Span, timestamp));
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode) throw new WebhookAnswerException(response.StatusCode, RetryAfter(response.Headers.RetryAfter));
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? (header?.Date - _time.GetUtcNow());
        return wait > TimeSpan.Zero ? wait : null;
    }
}
