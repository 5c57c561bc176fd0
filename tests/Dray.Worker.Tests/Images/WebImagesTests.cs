using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Dray.Inference;
using Dray.Worker.Images;
using Dray.Worker.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Images;

/// <summary>Against a web server on this machine, which names resolve to and which is let through where the test says so.</summary>
public sealed class WebImagesTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpsServer? _server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Host => $"pictures.test:{_server!.Port}";

    public async ValueTask InitializeAsync() => _server = await HttpsServer.StartAsync(AnswerAsync, Token);

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    [Theory]
    [InlineData("/picture")]
    [InlineData("/unsized")]
    [InlineData("/to/3")]
    [InlineData("/relative")]
    public async Task ReadAsync_PictureThatIsThere_GivesItsBytes(string path)
    {
        using var images = Images();

        (await images.ReadAsync($"https://{Host}{path}", 8, Token)).ToArray().ShouldBe([1, 2, 3]);
    }

    [Theory]
    [InlineData("/none", RequestErrorCodes.ImageNotFound, "isn't there; check its URL.")]
    [InlineData("/large", RequestErrorCodes.ContentTooLarge, "has 9 bytes, more than the 8 allowed; send it smaller.")]
    [InlineData("/endless", RequestErrorCodes.ContentTooLarge, "has more bytes than the 8 allowed; send it smaller.")]
    [InlineData("/empty", RequestErrorCodes.ImageInvalid, "holds no bytes; send another.")]
    [InlineData("/broken", RequestErrorCodes.ImageInvalid, "can't be fetched: pictures.test answered 503; try again later, or send a data: URL.")]
    [InlineData("/cut", RequestErrorCodes.ImageInvalid, "can't be fetched: the connection failed")]
    [InlineData("/to/4", RequestErrorCodes.ImageInvalid, "is redirected more than 3 times; give the URL that it ends at.")]
    [InlineData("/nowhere", RequestErrorCodes.ImageInvalid, "answered 302")]
    [InlineData("/plain", RequestErrorCodes.InvalidRequest, "leads to where nothing is encrypted; send a data: URL.")]
    [InlineData("/file", RequestErrorCodes.InvalidRequest, "leads to where nothing is encrypted; send a data: URL.")]
    [InlineData("/elsewhere", RequestErrorCodes.InvalidRequest, "is on elsewhere.test, which isn't on this worker's image_hosts; have it added, or send a data: URL.")]
    [InlineData("/inside", RequestErrorCodes.InvalidRequest, "is on 169.254.169.254, which isn't on this worker's image_hosts")]
    public async Task ReadAsync_PictureThatFails_SaysHow(string path, string code, string sentence)
    {
        using var images = Images();

        var refusal = await Should.ThrowAsync<RequestRejectedException>(() => images.ReadAsync($"https://{Host}{path}", 8, Token));

        refusal.Code.ShouldBe(code);
        refusal.Message.ShouldStartWith($"The picture 'https://{Host}{path}' ");
        refusal.Message.ShouldContain(sentence);
        refusal.Message.ShouldEndWith(".");
    }

    [Theory]
    [InlineData("https://other.test/a.png")]
    [InlineData("https://pictures.test/a.png")]
    [InlineData("https://user:password@HOST/a.png")]
    [InlineData("http://HOST/a.png")]
    [InlineData("https://HOST.other.test/a.png")]
    [InlineData("https://")]
    [InlineData("https:pictures")]
    public async Task ReadAsync_UrlThatIsNotAllowed_IsRefusedAndNobodyAsked(string url)
    {
        using var images = Images();

        (await Should.ThrowAsync<RequestRejectedException>(() => images.ReadAsync(url.Replace("HOST", Host, StringComparison.Ordinal), 8, Token)))
            .Code.ShouldBe(RequestErrorCodes.InvalidRequest);
        _asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task ReadAsync_NameThatResolvesInside_IsRefusedAndNobodyAsked()
    {
        using var images = Images(PublicAddress.Contains);

        var refusal = await Should.ThrowAsync<RequestRejectedException>(() => images.ReadAsync($"https://{Host}/picture", 8, Token));

        (refusal.Code, refusal.Message).ShouldBe((
            RequestErrorCodes.InvalidRequest,
            "The host 'pictures.test' of a picture has no address on the public internet, and no other is connected to; send a data: URL."));
        _asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task ReadAsync_NameServerThatChangesItsAnswer_IsAskedOnceForAConnection()
    {
        var answers = 0;
        using var images = new WebImages(
            [Host],
            TimeSpan.FromSeconds(20),
            _time,
            address => address.Equals(IPAddress.Loopback),
            (_, _) => Task.FromResult<IPAddress[]>(Interlocked.Increment(ref answers) == 1 ? [IPAddress.Parse("10.0.0.1"), IPAddress.Loopback] : [IPAddress.Parse("10.0.0.1")]),
            (_, certificate, _, _) => certificate!.GetCertHashString() == _server!.Thumbprint);

        (await images.ReadAsync($"https://{Host}/picture", 8, Token)).Length.ShouldBe(3);

        answers.ShouldBe(1);
    }

    [Fact]
    public async Task ReadAsync_CertificateThatNobodySigned_IsNotTrusted()
    {
        using var images = new WebImages(
            [Host], TimeSpan.FromSeconds(20), _time, _ => true, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), certificates: null);

        var refusal = await Should.ThrowAsync<RequestRejectedException>(() => images.ReadAsync($"https://{Host}/picture", 8, Token));

        refusal.Message.ShouldContain("the connection failed (SecureConnectionError)");
        _asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task ReadAsync_ServerThatHangs_EndsAtTheTimeLimit()
    {
        using var images = Images();
        var read = images.ReadAsync($"https://{Host}/hang", 8, Token);
        await _hangs.Task.WaitAsync(Token);
        read.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromSeconds(20));

        var refusal = await Should.ThrowAsync<RequestRejectedException>(() => read);
        refusal.Code.ShouldBe(RequestErrorCodes.ImageInvalid);
        refusal.Message.ShouldEndWith("didn't arrive within 20 s; send it as a data: URL, or raise image_fetch_timeout.");
    }

    [Fact]
    public async Task ReadAsync_Cancelled_IsCancelled()
    {
        using var images = Images();
        using var cancel = new CancellationTokenSource();
        var read = images.ReadAsync($"https://{Host}/hang", 8, cancel.Token);
        await _hangs.Task.WaitAsync(Token);

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task ReadAsync_Request_CarriesNothingOfOurs()
    {
        using var images = Images();
        await images.ReadAsync($"https://{Host}/cookie", 8, Token);

        await images.ReadAsync($"https://{Host}/cookie", 8, Token);

        _asked.ShouldAllBe(headers => headers == "Host");
    }

    [Theory]
    [InlineData("example.org", true)]
    [InlineData("Example.org:8443", true)]
    [InlineData("8.8.8.8", true)]
    [InlineData("example.org:443", false)]
    [InlineData("https://example.org", false)]
    [InlineData("example.org/a", false)]
    [InlineData("user@example.org", false)]
    [InlineData("*.example.org", false)]
    [InlineData("", false)]
    public void IsHost_Text_IsOneOrNot(string text, bool expected) => WebImages.IsHost(text).ShouldBe(expected);

    private WebImages Images(Func<IPAddress, bool>? isAllowed = null) => new(
        [Host],
        TimeSpan.FromSeconds(20),
        _time,
        isAllowed ?? (address => address.Equals(IPAddress.Loopback)),
        (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        (_, certificate, _, _) => certificate!.GetCertHashString() == _server!.Thumbprint);

    private async Task AnswerAsync(HttpContext context)
    {
        _asked.Enqueue(string.Join(',', context.Request.Headers.Keys));
        var path = context.Request.Path.Value!;
        switch (path)
        {
            case "/picture" or "/to/0":
                context.Response.ContentType = "text/html";
                context.Response.ContentLength = 3;
                await context.Response.Body.WriteAsync(new byte[] { 1, 2, 3 });
                break;
            case "/cookie":
                context.Response.Headers.SetCookie = "a=b";
                await context.Response.Body.WriteAsync(new byte[] { 1 });
                break;
            case "/unsized":
                await context.Response.Body.WriteAsync(new byte[] { 1, 2 });
                await context.Response.Body.FlushAsync();
                await context.Response.Body.WriteAsync(new byte[] { 3 });
                break;
            case "/large":
                context.Response.ContentLength = 9;
                await context.Response.Body.WriteAsync(new byte[9]);
                break;
            case "/endless":
                while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(new byte[65536]);
                break;
            case "/cut":
                context.Response.ContentLength = 5;
                await context.Response.Body.WriteAsync(new byte[] { 1 });
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case "/hang":
                _hangs.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case "/empty":
                break;
            case "/none":
                context.Response.StatusCode = 404;
                break;
            case "/broken":
                context.Response.StatusCode = 503;
                break;
            case "/nowhere":
                context.Response.StatusCode = 302;
                break;
            default:
                context.Response.Redirect(path switch
                {
                    "/relative" => "picture",
                    "/plain" => $"http://{Host}/picture",
                    "/file" => "file:///etc/passwd",
                    "/elsewhere" => "https://elsewhere.test/picture",
                    "/inside" => "https://169.254.169.254/latest/meta-data",
                    _ => $"https://{Host}/to/{int.Parse(path[4..], CultureInfo.InvariantCulture) - 1}",
                });
                break;
        }
    }
}
