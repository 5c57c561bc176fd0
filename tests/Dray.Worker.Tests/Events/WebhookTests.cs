using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Tests.Support;
using MassTransit;
using Microsoft.AspNetCore.Http;
using NSubstitute;
using NSubstitute.Core;
using NSubstitute.Extensions;
using Polly.Registry;

namespace Dray.Worker.Tests.Events;

public sealed class WebhookTests : IDisposable
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private readonly DelaySkippingClock _time = new(EventDelivery.TotalTimeout, EventDelivery.AttemptTimeout);
    private readonly IPublishEndpoint _endpoint = Substitute.For<IPublishEndpoint>();
    private readonly LogRecorder<WebhookSender> _log = new();
    private WebhookSender? _sender;
    private int _published;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Sign_VectorOfStandardWebhooks_IsItsSignature()
    {
        var settings = WebhookSettings.From(new WorkerOptions { WebhookUrl = "https://example.org/" }, _ => Secret)!;

        new WebhookMessage("msg_p5jXN8AQM9LWM0D4loKWxJek", "test", "{\"test\": 2432232314}"u8.ToArray()).Sign(settings.Key.Span, 1614265330)
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    [Fact]
    public async Task PublishAsync_WithWebhook_PostsTheSignedEventOnceBesideTheQueue()
    {
        await using var receiver = await WebhookReceiver.StartAsync((_, response) => response.StatusCode = 204, Token);
        var batch = new Batch { Id = "b-ü", InputFileId = "i", Status = BatchStatus.Failed, CreatedAt = 1, FailedAt = 1_800_000_000 };

        await Publisher(receiver).PublishFailedAsync(batch, Token);

        _published.ShouldBe(1);
        var (headers, body, path) = receiver.Requests.ShouldHaveSingleItem();
        path.ShouldBe("POST /hook");
        headers["content-type"].ShouldBe("application/json; charset=utf-8");
        headers["webhook-timestamp"].ShouldBe(_time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        headers["webhook-signature"].ShouldBe(Signature(headers, body));
        using var document = JsonDocument.Parse(body);
        document.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(["type", "timestamp", "data"]);
        document.RootElement.GetProperty("type").GetString().ShouldBe("batch.failed");
        document.RootElement.GetProperty("timestamp").GetString().ShouldBe("2027-01-15T08:00:00Z");
        var data = document.RootElement.GetProperty("data").Deserialize<BatchFailed>(ContractsJson.Options)!;
        (data.BatchId, data.EventId.ToString()).ShouldBe(("b-ü", headers["webhook-id"]));
    }

    [Fact]
    public async Task PublishAsync_Always503_AsksExactlyOnceMoreThanRetriesThenThrows()
    {
        await using var receiver = await WebhookReceiver.StartAsync((_, response) => response.StatusCode = 503, Token);

        var failure = await Should.ThrowAsync<WebhookAnswerException>(Publisher(receiver).PublishAsync(Failed(), Token));

        failure.Message.ShouldBe("The webhook answered 503 (ServiceUnavailable).");
        receiver.Requests.Count.ShouldBe(EventDelivery.MaxRetries + 1);
        receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct().Count().ShouldBe(1);
        receiver.Requests.ShouldAllBe(request => request.Headers["webhook-signature"] == Signature(request.Headers, request.Body));
        _published.ShouldBe(1);
    }

    [Fact]
    public async Task PublishAsync_BrokerFailsForGood_ThrowsThoughTheWebhookTookTheEvent()
    {
        await using var receiver = await WebhookReceiver.StartAsync((_, _) => { }, Token);
        var publisher = Publisher(receiver, _ => Task.FromException(new IOException("The broker is gone.")));

        await Should.ThrowAsync<IOException>(publisher.PublishAsync(Failed(), Token));

        _published.ShouldBe(EventDelivery.MaxRetries + 1);
        receiver.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(400, 1)]
    [InlineData(401, 1)]
    [InlineData(404, 1)]
    [InlineData(410, 1)]
    [InlineData(302, 1)]
    [InlineData(307, 1)]
    [InlineData(408, 2)]
    [InlineData(409, 2)]
    [InlineData(425, 2)]
    [InlineData(429, 2)]
    [InlineData(500, 2)]
    public async Task PublishAsync_Status_DecidesWhetherToTryAgainOrGiveUpWithAWarning(int status, int requests)
    {
        await using var receiver = await WebhookReceiver.StartAsync(
            (number, response) =>
            {
                response.StatusCode = number == 1 ? status : 200;
                if (status < 400) response.Headers.Location = "/elsewhere";
            },
            Token);

        await Publisher(receiver).PublishAsync(Failed(), Token);

        receiver.Requests.Count.ShouldBe(requests);
        receiver.Requests.ShouldAllBe(request => request.Path == "POST /hook");
        if (requests == 1) _log.Warnings.ShouldHaveSingleItem().ShouldContain($"answered {status} to job.failed");
        else _log.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PublishAsync_RetryAfter_IsHonoured(bool asDate)
    {
        var times = new List<DateTimeOffset>();
        await using var receiver = await WebhookReceiver.StartAsync(
            (number, response) =>
            {
                times.Add(_time.GetUtcNow());
                if (number > 1) return;
                response.StatusCode = 429;
                response.Headers.RetryAfter = asDate ? _time.GetUtcNow().AddSeconds(41).ToString("R", CultureInfo.InvariantCulture) : "40";
            },
            Token);

        await Publisher(receiver).PublishAsync(Failed(), Token);

        (times[1] - times[0]).ShouldBeInRange(TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(41));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task PublishAsync_Progress_IsPostedOnlyWhereAskedFor(bool wanted, int requests)
    {
        await using var receiver = await WebhookReceiver.StartAsync((_, _) => { }, Token);
        var progress = new BatchProgress { BatchId = "b1", RequestCounts = new() { Total = 3, Completed = 1 }, Usage = new() };

        await Publisher(receiver, progress: wanted).PublishAsync(progress, Token);

        receiver.Requests.Count.ShouldBe(requests);
        _published.ShouldBe(1);
    }

    public void Dispose() => _sender?.Dispose();

    private static JobFailed Failed() => new()
    {
        EventId = EventIds.Derive(nameof(JobFailed), "j1", "x"),
        JobId = "j1",
        StatusCode = 400,
        Error = new ErrorBody { Message = "No.", Type = ErrorBody.InvalidRequestType, Code = ErrorCodes.InvalidRequest },
    };

    // From the specification's words, not with the sender's code.
    private static string Signature(IReadOnlyDictionary<string, string> headers, byte[] body)
    {
        var content = Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(body)}");
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Secret["whsec_".Length..]), content))}";
    }

    private CompletionPublisher Publisher(WebhookReceiver receiver, Func<int, Task>? publish = null, bool progress = false)
    {
        _endpoint.ReturnsForAll((CallInfo _) => (publish ?? (_ => Task.CompletedTask))(++_published));
        var registry = new ResiliencePipelineRegistry<string>();
        foreach (var name in (string[])[EventDelivery.Pipeline, EventDelivery.WebhookPipeline])
            registry.TryAddBuilder(name, (builder, _) => EventDelivery.Configure(builder, _time));
        var settings = WebhookSettings.From(new WorkerOptions { WebhookUrl = receiver.Url, WebhookProgress = progress }, _ => Secret)!;
        _sender = new WebhookSender(settings, registry, _time, _log);
        return new CompletionPublisher(_endpoint, registry, _time, _sender);
    }
}
