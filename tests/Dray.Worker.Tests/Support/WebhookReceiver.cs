using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Tests.Support;

/// <summary>A real HTTP server on a free port of this machine: keeps what is posted to it, and answers as a test wants.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Channel<int> _answered = Channel.CreateUnbounded<int>();

    private WebhookReceiver(WebApplication application) => _application = application;

    public ConcurrentQueue<(IReadOnlyDictionary<string, string> Headers, byte[] Body, string Path)> Requests { get; } = [];

    public string Url => $"{_application.Urls.Single()}/hook";

    /// <param name="answer">Is told the request's number, from 1 on.</param>
    public static async Task<WebhookReceiver> StartAsync(Action<int, HttpResponse> answer, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var receiver = new WebhookReceiver(application);
        application.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            receiver.Requests.Enqueue((
                context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
                body.ToArray(),
                $"{context.Request.Method} {context.Request.Path}"));
            var number = receiver.Requests.Count;
            answer(number, context.Response);
            await receiver._answered.Writer.WriteAsync(number);
        });
        await application.StartAsync(cancellationToken);
        return receiver;
    }

    /// <summary>Waits for the next request that isn't waited for yet, and gives its number.</summary>
    public async Task<int> NextAsync(CancellationToken cancellationToken) => await _answered.Reader.ReadAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}
