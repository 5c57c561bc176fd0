using System.Collections.Concurrent;

namespace Dray.Worker.Tests.Support;

/// <summary>A network that loses replies: the request takes effect, and whoever sent it sees a broken connection.</summary>
internal sealed class FaultyHandler : DelegatingHandler
{
    private readonly ConcurrentDictionary<string, int> _tries = new(StringComparer.Ordinal);
    private int _requests;
    private int _failures;

    public FaultyHandler()
        : base(new SocketsHttpHandler())
    {
    }

    /// <summary>Gets or sets whether the reply of a request is lost, given how often that request was sent before.</summary>
    public Func<HttpRequestMessage, int, bool> Loses { get; set; } = (_, _) => false;

    /// <summary>Gets or sets what to answer without asking the server, or null to ask it.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Answers { get; set; } = _ => null;

    /// <summary>Gets or sets what is called each time that a request fails.</summary>
    public Action<int> Failed { get; set; } = _ => { };

    public int Requests => _requests;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        if (Answers(request) is { } answer) return answer;
        var id = request.Headers.GetValues("x-ms-client-request-id").Single();
        var tries = _tries.AddOrUpdate(id, 0, (_, before) => before + 1);
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (!Loses(request, tries)) return response;
            response.Dispose();
            throw new HttpRequestException("The reply was lost.");
        }
        catch (HttpRequestException)
        {
            Failed(Interlocked.Increment(ref _failures));
            throw;
        }
    }
}
