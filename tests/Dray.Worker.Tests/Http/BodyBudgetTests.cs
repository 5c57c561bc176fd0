using System.Net;
using System.Text;
using Dray.Worker.Http;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Tests.Http;

[Collection(WebWorkerGroup.Name)]
public sealed class BodyBudgetTests
{
    private const int Total = 200_000;
    private static readonly string Long = new('x', 120_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/chat/completions", true)]
    [InlineData("/v1/chat/completions", false)]
    [InlineData("/v1/completions", true)]
    [InlineData("/v1/batches", true)]
    public async Task Body_BesideOthersThatAreAnswered_IsTakenOnlyWhereItFits(string path, bool tellsItsLength)
    {
        await using var worker = await StartAsync();
        var budget = worker.Services.GetRequiredService<BodyBudget>();
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        worker.Engine.Before = (prompt, _) =>
        {
            asked.TrySetResult();
            return prompt == Long ? go.Task : Task.CompletedTask;
        };
        var first = worker.ChatAsync(HttpWorker.Chat(Long));
        await asked.Task.WaitAsync(Token);

        using (var refused = await SendAsync(worker, path, tellsItsLength))
        {
            (await refused.ErrorAsync(HttpStatusCode.ServiceUnavailable))["code"]!.GetValue<string>().ShouldBe("server_overloaded");
            refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        }

        await Until.EqualAsync(() => Task.FromResult(budget.Taken), HttpWorker.Chat(Long).Length, Token);
        (await worker.ChatAsync(HttpWorker.Chat("short")))["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldBe("short|");
        go.SetResult();
        await first;
        await Until.EqualAsync(() => Task.FromResult(budget.Taken), 0, Token);
        (await worker.ChatAsync(HttpWorker.Chat(Long)))["object"]!.GetValue<string>().ShouldBe("chat.completion");
    }

    [Theory]
    [InlineData("hi", HttpStatusCode.OK, true)]
    [InlineData("hi", HttpStatusCode.OK, false)]
    [InlineData("fail", HttpStatusCode.InternalServerError, true)]
    [InlineData("too long", HttpStatusCode.BadRequest, false)]
    public async Task Body_OfAnAnswerThatEnded_IsGivenBackHoweverItEnded(string prompt, HttpStatusCode status, bool tellsItsLength)
    {
        await using var worker = await StartAsync();
        var budget = worker.Services.GetRequiredService<BodyBudget>();
        long taken = 0;
        worker.Engine.Before = (_, _) =>
        {
            taken = budget.Taken;
            return Task.CompletedTask;
        };
        var body = HttpWorker.Chat(prompt);

        using (var response = await SendAsync(worker, "/v1/chat/completions", tellsItsLength, body)) response.StatusCode.ShouldBe(status);

        taken.ShouldBe(body.Length);
        await Until.EqualAsync(() => Task.FromResult(budget.Taken), 0L, Token);
    }

    [Fact]
    public void Budget_LessThanTheLongestBody_HasRoomForIt()
    {
        var budget = new BodyBudget(new HttpApiOptions { MaxRequestBytes = 4096, MaxRequestBytesTotal = 1024 });

        budget.TryTake(4096).ShouldBeTrue();
        budget.TryTake(1).ShouldBeFalse();
        budget.GiveBack(1);
        budget.TryTake(1).ShouldBeTrue();
    }

    private static Task<WebWorker> StartAsync() => HttpWorker.StartAsync(new HttpApiOptions { MaxRequestBytes = Total, MaxRequestBytesTotal = Total });

    private static async Task<HttpResponseMessage> SendAsync(WebWorker worker, string path, bool tellsItsLength, string? body = null)
    {
        using var content = new StringContent(body ?? HttpWorker.Chat(Long), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.TransferEncodingChunked = !tellsItsLength;
        return await worker.Client.SendAsync(request, Token);
    }
}
