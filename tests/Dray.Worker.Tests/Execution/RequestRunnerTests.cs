using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Images;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Execution;

public sealed class RequestRunnerTests : IAsyncDisposable
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";
    private readonly EngineFake _engine = new();
    private readonly LogRecorder _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData("{" + Messages + "}")]
    [InlineData("{" + Messages + ",\"stream\":false,\"model\":null}")]
    [InlineData("{" + Messages + ",\"stream\":null,\"model\":\"whatever\"}")]
    public async Task RunAsync_Request_GivesACompletion(string body)
    {
        var response = await Runner().RunAsync(() => JsonElement.Parse(body), RequestIdentity.OfJob("j", 7), JobPriority.Normal, Token);

        response.StatusCode.ShouldBe(200);
        var completion = response.Body.Deserialize<ChatCompletion>(ContractsJson.Options)!;
        (completion.Model, completion.Created, completion.Choices[0].Message.Content, completion.Choices[0].FinishReason).ShouldBe(
            ("fake-model", 7, "hello|", "stop"));
        (completion.Usage.PromptTokens, completion.Usage.CompletionTokens, completion.Usage.TotalTokens).ShouldBe((5, 2, 7));
    }

    [Theory]
    [InlineData("[]", "body")]
    [InlineData("{" + Messages + ",\"stream\":true}", "stream")]
    [InlineData("{" + Messages + ",\"stream\":\"no\"}", "stream")]
    [InlineData("{" + Messages + ",\"model\":5}", "model")]
    [InlineData("{" + Messages + ",\"temperature\":9}", "temperature")]
    [InlineData("{}", "messages")]
    [InlineData("{" + Messages + ",\"model\":\"\\ud800\"}", null)]
    public async Task RunAsync_RequestThatIsWrong_IsRefusedWithoutTheEngine(string body, string? param)
    {
        var response = await Runner().RunAsync(() => JsonElement.Parse(body), RequestIdentity.OfJob("j", 7), JobPriority.Normal, Token);

        response.StatusCode.ShouldBe(400);
        var error = response.Body.Deserialize<ErrorResponse>(ContractsJson.Options)!.Error;
        (error.Code, error.Type, error.Param).ShouldBe((ErrorCodes.InvalidRequest, ErrorBody.InvalidRequestType, param));
        _engine.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task RunAsync_Cancelled_ThrowsWhateverTheEngineSays()
    {
        using var cancel = new CancellationTokenSource();
        _engine.Before = async (_, _) =>
        {
            await cancel.CancelAsync();
            throw new ObjectDisposedException("engine");
        };

        await Should.ThrowAsync<OperationCanceledException>(
            Runner().RunAsync(() => JsonElement.Parse("{" + Messages + "}"), RequestIdentity.OfJob("j", 7), JobPriority.Normal, cancel.Token));
    }

    [Fact]
    public async Task RunAsync_AnyOutcome_LogsNoTextOfTheRequest()
    {
        foreach (var prompt in new[] { "fail", "too long", "secret words" })
        {
            await Runner().RunAsync(() => JsonElement.Parse(JobLines.Line("a", prompt)).GetProperty("body"), RequestIdentity.OfJob("j", 7), JobPriority.Normal, Token);
        }

        _log.Lines.ShouldNotBeEmpty();
        _log.Lines.ShouldAllBe(line => !line.Contains("secret words"));
    }

    [Fact]
    public async Task RunAsync_StoreThatHasThePicturesIsGone_IsNoFaultOfTheRow()
    {
        using var folder = new TemporaryFolder();
        using var files = new FileSystemBlobStore(folder.Path);
        var store = new StoreFault(files, fatalWrite: 1, afterwards: false);
        await Should.ThrowAsync<IOException>(() => store.DeleteAsync("a", Token));
        var runner = Runner(new ImageResolver(null, new StoredImages(store, []), null, 4, 1000));
        var body = JsonElement.Parse(JobLines.Line("a", "hello", "a.png")).GetProperty("body");

        await Should.ThrowAsync<IOException>(() => runner.RunAsync(() => body, RequestIdentity.OfRow("b", 0, 7), JobPriority.Normal, Token));
        _engine.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task RunAsync_PictureOfTheBatch_IsFound()
    {
        using var folder = new TemporaryFolder();
        using var store = new FileSystemBlobStore(folder.Path);
        await store.TryCreateAsync(BatchPaths.Image("b", "a.png"), new byte[] { 1 }, Token);
        var runner = Runner(new ImageResolver(null, new StoredImages(store, []), null, 4, 1000));
        var body = JsonElement.Parse(JobLines.Line("a", "hello", "a.png")).GetProperty("body");

        (await runner.RunAsync(() => body, RequestIdentity.OfRow("b", 0, 7), JobPriority.Normal, Token)).StatusCode.ShouldBe(200);
        (await runner.RunAsync(() => body, RequestIdentity.OfRow("other", 0, 7), JobPriority.Normal, Token)).StatusCode.ShouldBe(400);
        (await runner.RunAsync(() => body, RequestIdentity.OfJob("b", 7), JobPriority.Normal, Token)).StatusCode.ShouldBe(400);
    }

    [Fact]
    public void OfRow_SameRow_HasTheSameIdsOnEveryWorker()
    {
        var identity = RequestIdentity.OfRow("b1", 3, 7);

        identity.ShouldBe(RequestIdentity.OfRow("b1", 3, 7));
        new[] { RequestIdentity.OfRow("b1", 4, 7), RequestIdentity.OfRow("b2", 3, 7) }.ShouldNotContain(identity);
        identity.RowId.ShouldMatch("^batch_req_[0-9a-f]{32}$");
    }

    private RequestRunner Runner(ImageResolver? images = null)
    {
        var settings = WorkerSettings.From(new WorkerOptions());
        var models = new ServedModels(_engine, settings, NullLogger<ServedModels>.Instance);
        return new RequestRunner(_engine, models, images ?? new ImageResolver(null, 4, 1000), settings, new FakeTimeProvider(), _log);
    }

    private sealed class LogRecorder : ILogger<RequestRunner>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception) + exception);
    }
}
