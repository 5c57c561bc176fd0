using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Tests.Events;

/// <summary>A worker, its bus and a webhook, together.</summary>
[Collection(WebWorkerGroup.Name)]
public sealed class WebhookDeliveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunJob_WebhookStaysAwayForAllAttempts_TheMessageComesAgainAndOnlyPublishes()
    {
        // Enough refusals for a whole delivery; what comes after them is another.
        const int Attempts = EventDelivery.MaxRetries + 1;
        var time = new DelaySkippingClock(EventDelivery.TotalTimeout, EventDelivery.AttemptTimeout, new WorkerOptions().ChunkTime);
        await using var receiver = await WebhookReceiver.StartAsync((number, response) => response.StatusCode = number <= Attempts ? 503 : 200, Token);
        var webhook = WebhookSettings.From(new WorkerOptions { WebhookUrl = receiver.Url }, _ => "a secret of more than twenty-four bytes");
        await using var worker = await WebWorker.StartAsync(
            Token, services => services.AddSingleton<TimeProvider>(time), settings => settings with { Webhook = webhook });

        await worker.Bus.Publish(
            new RunJob { JobId = "j1", Body = JsonElement.Parse("""{"messages":[{"role":"user","content":"hello"}]}""") }, Token);
        var first = await worker.Events.NextAsync<JobCompleted>(Token);
        var second = await worker.Events.NextAsync<JobCompleted>(Token);
        while (await receiver.NextAsync(Token) <= Attempts)
        {
        }

        second.Id.ShouldBe(first.Id);
        receiver.Requests.Count.ShouldBe(Attempts + 1);
        receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct().ShouldBe([first.Id.ToString()!]);
        worker.Engine.Calls["hello"].ShouldBe(1);
    }
}
