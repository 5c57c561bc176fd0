using System.Net;
using System.Text;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Dray.Contracts;
using Dray.Tests.Services;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Storage;

public sealed class AzureBlobStoreFaultTests : IDisposable
{
    private const string Secret = "c2VjcmV0IG9mIHRoZSBhY2NvdW50";
    private readonly FaultyHandler _network = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(10)]
    [InlineData(9 * 1024 * 1024)]
    public async Task TryCreateAsync_ReplyLost_KnowsItsOwnBlob(int bytes)
    {
        var store = await OpenAsync();
        _network.Loses = (request, tries) => request.Method == HttpMethod.Put && tries == 0;

        (await store.TryCreateAsync("a", new byte[bytes], Token)).ShouldBeTrue();
        (await store.TryCreateAsync("a", new byte[bytes + 1], Token)).ShouldBeFalse();

        (await store.TryReadAsync("a", Token))!.Bytes.Length.ShouldBe(bytes);
    }

    [Fact]
    public async Task TryReplaceAsync_ReplyLost_KnowsItsOwnChange()
    {
        var store = await OpenAsync();
        await store.TryCreateAsync("a", "1"u8.ToArray(), Token);
        var etag = (await store.TryReadAsync("a", Token))!.ETag;
        _network.Loses = (request, tries) => request.Method == HttpMethod.Put && tries == 0;

        (await store.TryReplaceAsync("a", "2"u8.ToArray(), etag, Token)).ShouldBeTrue();
        (await store.TryReplaceAsync("a", "3"u8.ToArray(), etag, Token)).ShouldBeFalse();

        (await store.TryReadAsync("a", Token))!.Bytes.Span.SequenceEqual("2"u8).ShouldBeTrue();
    }

    [Fact]
    public async Task PutAsync_LargeAndEveryReplyLostOnce_IsWhole()
    {
        var store = await OpenAsync();
        var content = new byte[20_000_000];
        new Random(1).NextBytes(content);
        _network.Loses = (_, tries) => tries == 0;

        await store.PutAsync("a", (stream, token) => stream.WriteAsync(content, token).AsTask(), Token);

        (await store.TryReadAsync("a", Token))!.Bytes.Span.SequenceEqual(content).ShouldBeTrue();
    }

    [Fact]
    public async Task AppendAsync_ReplyLost_HasTheContentTwiceAtMost()
    {
        var store = await OpenAsync();
        await store.AppendAsync("a", "1\n"u8.ToArray(), Token);
        _network.Loses = (request, tries) => request.Method == HttpMethod.Put && tries == 0;

        await store.AppendAsync("a", "2\n"u8.ToArray(), Token);

        Encoding.UTF8.GetString((await store.TryReadAsync("a", Token))!.Bytes.Span).ShouldBe("1\n2\n2\n");
    }

    [Fact]
    public async Task Ledger_EveryReplyLostOnce_CountsEachChunkOnce()
    {
        var store = await OpenAsync();
        var ledger = new BatchLedger(store, new FakeTimeProvider());
        _network.Loses = (request, tries) => request.Method == HttpMethod.Put && tries == 0;

        await ledger.OpenAsync(new SubmitBatch { BatchId = "b" }, Token);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(index => Task.Run(() => ledger.RecordAsync("b", Chunk(index), Token))));

        var state = (await ledger.ReadAsync("b", Token))!;
        state.Chunks.Select(chunk => chunk.Index).ShouldBe(Enumerable.Range(0, 8));
        state.Batch.RequestCounts.Completed.ShouldBe(8 * 3);
    }

    [Fact]
    public async Task AnyOperation_ServerAwayForAWhile_WaitsAndGoesOn()
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        await using var server = await AzuriteServer.StartAsync(cancellationToken: Token);
        var store = await OpenAsync(server);
        await store.TryCreateAsync("a", "1"u8.ToArray(), Token);
        var etag = (await store.TryReadAsync("a", Token))!.ETag;
        await server.StopAsync();
        var isAway = new TaskCompletionSource();
        _network.Failed = failures =>
        {
            if (failures == 12) isAway.TrySetResult();
        };

        var read = store.TryReadAsync("a", Token);
        var created = store.TryCreateAsync("b", new byte[9 * 1024 * 1024], Token);
        var appended = store.AppendAsync("c", "3"u8.ToArray(), Token);
        var listed = store.ListAsync("d/", Token).ToListAsync(Token);
        await isAway.Task.WaitAsync(Token);
        await server.StartAgainAsync(Token);

        (await read)!.ETag.ShouldBe(etag);
        (await created).ShouldBeTrue();
        await appended;
        (await listed).ShouldBeEmpty();
        (await store.TryReadAsync("b", Token))!.Bytes.Length.ShouldBe(9 * 1024 * 1024);
        (await store.TryReadAsync("c", Token))!.Bytes.Span.SequenceEqual("3"u8).ShouldBeTrue();
    }

    [Fact]
    public async Task OpenReadAsync_ServerGoneWhileReading_GoesOnWhereItWas()
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        await using var server = await AzuriteServer.StartAsync(cancellationToken: Token);
        var store = await OpenAsync(server);
        var content = new byte[32 * 1024 * 1024];
        new Random(1).NextBytes(content);
        await store.PutAsync("a", (stream, token) => stream.WriteAsync(content, token).AsTask(), Token);
        await using var stream = await store.OpenReadAsync("a", cancellationToken: Token);
        var copy = new byte[content.Length];
        await stream.ReadExactlyAsync(copy.AsMemory(0, 1_000_000), Token);

        await server.StopAsync();
        var rest = stream.ReadExactlyAsync(copy.AsMemory(1_000_000), Token).AsTask();
        await server.StartAgainAsync(Token);
        await rest;

        copy.AsSpan().SequenceEqual(content).ShouldBeTrue();
        (await stream.ReadAsync(new byte[1], Token)).ShouldBe(0);
    }

    [Fact]
    public async Task AnyOperation_ServerThatStaysAway_IsTriedSixteenTimesAndThenASentence()
    {
        var store = Unreachable();

        var failures = new List<IOException>();
        foreach (var call in new Func<Task>[]
        {
            () => store.TryReadAsync("a", Token), () => store.OpenReadAsync("a", cancellationToken: Token), () => store.ExistsAsync("a", Token),
            () => store.TryCreateAsync("a", new byte[1], Token), () => store.PutAsync("a", WriteTwoBlocksAsync, Token),
            () => store.TryReplaceAsync("a", new byte[1], "\"1\"", Token), () => store.AppendAsync("a", new byte[1], Token),
            () => store.DeleteAsync("a", Token), () => store.ListAsync("a", Token).ToListAsync(Token).AsTask(),
        })
        {
            var before = _network.Requests;
            failures.Add(await Should.ThrowAsync<IOException>(call));
            (_network.Requests - before).ShouldBe(16);
        }

        foreach (var failure in failures)
        {
            failure.Message.ShouldEndWith("can't be reached (ConnectionRefused); start it, or correct the store's address.");
            failure.InnerException.ShouldNotBeNull();
            failure.ToString().ShouldNotContain(Secret);
            failure.ToString().ShouldNotContain("sig=");
        }

        static async Task WriteTwoBlocksAsync(Stream stream, CancellationToken token) => await stream.WriteAsync(new byte[9_000_000], token);
    }

    [Fact]
    public async Task AnyOperation_Cancelled_IsCancelled()
    {
        var store = Unreachable();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => store.TryReadAsync("a", cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(() => store.TryCreateAsync("a", new byte[1], cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(() => store.AppendAsync("a", new byte[1], cancelled.Token));
    }

    [Theory]
    [InlineData(HttpStatusCode.Conflict, "BlockCountExceedsLimit", "The blob 'a' can't be written: it has the 50,000 blocks that an append blob can have; delete it, or append in larger pieces.")]
    [InlineData(HttpStatusCode.Forbidden, "AuthenticationFailed", "The blob 'a' can't be written: the blob server at 127.0.0.1:1 refused the credentials (AuthenticationFailed); check that they are valid, haven't expired, and allow to read, write, list and delete.")]
    [InlineData(HttpStatusCode.InsufficientStorage, "Odd", "The blob 'a' can't be written: the blob server at 127.0.0.1:1 answered 507 Odd; try again, or look at the server's log.")]
    public async Task AppendAsync_ServerRefuses_SaysWhyInASentence(HttpStatusCode status, string code, string sentence)
    {
        _network.Answers = request => new HttpResponseMessage(status) { RequestMessage = request, Headers = { { "x-ms-error-code", code } } };

        (await Should.ThrowAsync<IOException>(() => Unreachable().AppendAsync("a", new byte[1], Token))).Message.ShouldBe(sentence);
    }

    private static ChunkResult Chunk(int index) =>
        new() { Index = index, Completed = 3, Failed = 0, Usage = new BatchUsage(), Sha256 = $"{index}" };

    private static string ConnectionTo(string endpoint) => $"AccountName=account;AccountKey={Secret};BlobEndpoint={endpoint};";

    // Port 1 is nobody's; the delays are cut short, the number of tries is the one in use.
    private AzureBlobStore Unreachable()
    {
        var options = AzureBlobRetries.Patient();
        options.Retry.Delay = options.Retry.MaxDelay = TimeSpan.FromMilliseconds(1);
        options.Transport = new HttpClientTransport(new HttpClient(_network, disposeHandler: false));
        return new AzureBlobStore(new BlobContainerClient(ConnectionTo("http://127.0.0.1:1/account"), "dray", options));
    }

    private async Task<AzureBlobStore> OpenAsync(AzuriteServer? server = null)
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        server ??= await AzuriteServer.SharedAsync();
        var options = AzureBlobRetries.Patient();
        options.Transport = new HttpClientTransport(new HttpClient(_network, disposeHandler: false));
        var container = new BlobContainerClient(server.ConnectionString, $"test-{Guid.NewGuid():N}", options);
        await container.CreateAsync(cancellationToken: Token);
        return new AzureBlobStore(container);
    }
}
