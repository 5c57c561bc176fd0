using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Dray.Inference;

namespace Dray.Worker.Images;

/// <summary>
/// Pictures on <c>https</c> hosts that an operator allows. The address that a name resolves to is checked and then connected to itself,
/// so that no second answer of a name server can lead inside; redirects are followed by hand and checked like the first URL. No cookies,
/// no proxy, no credentials; what the server says about the content is not trusted.
/// </summary>
internal sealed class WebImages : IDisposable
{
    private const int MostRedirects = 3;
    private const int MostCharacters = 8192;
    private const int MostHeaderKilobytes = 64;
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);
    private readonly HashSet<string> _hosts;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly Func<IPAddress, bool> _isAllowed;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly HttpClient _client;

    /// <summary>Allows hosts.</summary>
    /// <param name="hosts">Names, or <c>name:port</c> where the port isn't 443.</param>
    /// <param name="timeout">How long one picture may take, redirects included.</param>
    /// <param name="time">The clock.</param>
    public WebImages(IEnumerable<string> hosts, TimeSpan timeout, TimeProvider time)
        : this(hosts, timeout, time, PublicAddress.Contains, Dns.GetHostAddressesAsync, null)
    {
    }

    internal WebImages(
        IEnumerable<string> hosts, TimeSpan timeout, TimeProvider time, Func<IPAddress, bool> isAllowed,
        Func<string, CancellationToken, Task<IPAddress[]>> resolve, RemoteCertificateValidationCallback? certificates)
    {
        _hosts = new HashSet<string>(hosts, StringComparer.OrdinalIgnoreCase);
        (_timeout, _time, _isAllowed, _resolve) = (timeout, time, isAllowed, resolve);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PreAuthenticate = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = MostHeaderKilobytes,
            PooledConnectionLifetime = ConnectionLifetime,
            ActivityHeadersPropagator = null,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = certificates },
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Whether a text can be on the list: a host's name or address, with or without a port.</summary>
    public static bool IsHost(string text) =>
        Uri.TryCreate("https://" + text, UriKind.Absolute, out var url) && KeyOf(url).Equals(text, StringComparison.OrdinalIgnoreCase)
        && url is { PathAndQuery: "/", UserInfo: "", Fragment: "" };

    /// <summary>Fetches a picture.</summary>
    /// <exception cref="RequestRejectedException">It isn't allowed, isn't there, is too large, or the server fails or takes too long.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(string url, int maxBytes, CancellationToken cancellationToken)
    {
        if (url.Length > MostCharacters || !Uri.TryCreate(url, UriKind.Absolute, out var place))
            throw Refuse(url, $"isn't a URL of up to {MostCharacters} characters; correct it, or send a data: URL");
        Check(url, place);
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await FollowAsync(url, place, maxBytes, linked.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Invalid(url, $"didn't arrive within {_timeout.TotalSeconds:0.###} s; send it as a data: URL, or raise image_fetch_timeout", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // What refused the address comes out of the connection wrapped.
            for (var inner = e.InnerException; inner is not null; inner = inner.InnerException)
            {
                if (inner is RequestRejectedException refusal) throw new RequestRejectedException(refusal.Code, refusal.Message, refusal.Param, e);
            }

            var cause = e is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } failed ? $" ({failed.HttpRequestError})" : "";
            throw Invalid(url, $"can't be fetched: the connection failed{cause}; try again, or send a data: URL", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static string KeyOf(Uri url) => url.IsDefaultPort ? url.IdnHost : $"{url.IdnHost}:{url.Port}";

    private async Task<ReadOnlyMemory<byte>> FollowAsync(string url, Uri place, int maxBytes, CancellationToken cancellationToken)
    {
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using var response = await _client.GetAsync(place, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    await using (var stream = await response.Content.ReadAsStreamAsync(cancellationToken))
                        return await ImageContent.ReadAsync(stream, response.Content.Headers.ContentLength, maxBytes, url, cancellationToken);
                case HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                    or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect when response.Headers.Location is { } location:
                    if (!Uri.TryCreate(place, location, out var next)) throw Invalid(url, "is redirected to what isn't a URL; give the URL that it ends at");
                    Check(url, place = next);
                    break;
                case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                    throw new RequestRejectedException(
                        RequestErrorCodes.ImageNotFound, $"The picture '{ImageResolver.Quote(url)}' isn't there; check its URL.", "messages");
                default:
                    throw Invalid(url, $"can't be fetched: {place.Host} answered {(int)response.StatusCode}; try again later, or send a data: URL");
            }
        }

        throw Invalid(url, $"is redirected more than {MostRedirects} times; give the URL that it ends at");
    }

    private void Check(string url, Uri place)
    {
        if (place.Scheme != Uri.UriSchemeHttps) throw Refuse(url, "leads to where nothing is encrypted; send a data: URL");
        if (place.UserInfo.Length > 0) throw Refuse(url, "has a user or password in it; leave it out");
        if (!_hosts.Contains(KeyOf(place)))
            throw Refuse(url, $"is on {KeyOf(place)}, which isn't on this worker's image_hosts; have it added, or send a data: URL");
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var allowed = (await _resolve(host, cancellationToken)).Where(_isAllowed).ToArray();
        if (allowed.Length == 0)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest,
                $"The host '{host}' of a picture has no address on the public internet, and no other is connected to; send a data: URL.",
                "messages");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static RequestRejectedException Refuse(string url, string why) =>
        new(RequestErrorCodes.InvalidRequest, $"The picture '{ImageResolver.Quote(url)}' {why}.", "messages");

    private static RequestRejectedException Invalid(string url, string why, Exception? e = null) =>
        new(RequestErrorCodes.ImageInvalid, $"The picture '{ImageResolver.Quote(url)}' {why}.", "messages", e);
}
