using System.Runtime.CompilerServices;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Images;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Worker.Client;

/// <summary>
/// Submits batches, watches them and fetches their answers. Everything it knows is in the store; the broker is only told that there is
/// something to do. All of it can be called again after an interruption.
/// </summary>
public sealed class BatchClient : IAsyncDisposable
{
    private const int MaxMetadataPairs = 16;
    private const int MaxMetadataKey = 64;
    private const int MaxMetadataValue = 512;
    private const int MaxKey = 512;
    private const int ListedAtOnce = 100;
    private static readonly TimeSpan LongestExpiry = TimeSpan.FromDays(365);
    private static readonly int MaxImageBytes = new WorkerOptions().MaxImageBytes;
    private readonly IBlobStore _store;
    private readonly Func<CancellationToken, Task<IMessageSender>> _connect;
    private readonly TimeProvider _time;
    private readonly BatchReader _reader;
    private readonly BatchLister _lister;
    private readonly BatchSubmitter _submitter;
    private readonly SemaphoreSlim _gate = new(1);
    private IMessageSender? _sender;

    /// <summary>Initializes a client.</summary>
    /// <param name="store">The store, which the client owns.</param>
    /// <param name="connect">Connects to the broker, once it is needed; the client owns what it gives.</param>
    /// <param name="time">The clock.</param>
    internal BatchClient(IBlobStore store, Func<CancellationToken, Task<IMessageSender>> connect, TimeProvider time)
    {
        (_store, _connect, _time) = (store, connect, time);
        _reader = new BatchReader(store);
        _lister = new BatchLister(store, _reader);
        _submitter = new BatchSubmitter(store, SenderAsync, time);
    }

    /// <summary>Opens a store; the broker is connected to once it is needed.</summary>
    /// <param name="store">The store.</param>
    /// <param name="broker">The broker.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="BatchClientException">The store can't be opened.</exception>
    public static Task<BatchClient> OpenAsync(BlobStoreLocation store, BrokerOptions broker, CancellationToken cancellationToken = default) =>
        ServiceFaults.ExplainAsync(async () => new BatchClient(
            await store.OpenAsync(cancellationToken), async token => new BrokerSender(await BrokerClient.ConnectAsync(broker, token)),
            TimeProvider.System));

    /// <summary>Uploads an input with the pictures beside it, and tells the workers. The same input and options are the same batch.</summary>
    /// <param name="file">Rows in OpenAI's batch format; relative paths of pictures are resolved against its folder.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="cancellationToken">Stops; the same call goes on where it stopped.</param>
    /// <exception cref="BatchClientException">The message says why and what to do.</exception>
    public async Task<SubmitResult> SubmitAsync(string file, SubmitOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        file = Path.GetFullPath(file);
        var folder = new ImageFolder(Path.GetDirectoryName(file)!);
        Task<ReadOnlyMemory<byte>> ReadPictureAsync(string path, CancellationToken token) => folder.ReadAsync(path, MaxImageBytes, token);
        var scan = await new InputScanner(ReadPictureAsync).ScanAsync(InputSource.OfFile(file), cancellationToken);
        var batchId = options.Key is { } key ? BatchIdentity.OfKey(key) : BatchIdentity.OfContent(scan, options);
        return await ServiceFaults.ExplainAsync(() => _submitter.SubmitAsync(batchId, scan, ReadPictureAsync, options, cancellationToken));
    }

    /// <summary>Submits a file that was uploaded before. Its content is copied; no row of it can name a picture by a relative path.</summary>
    /// <param name="batchId">The batch's id.</param>
    /// <param name="file">The file.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="cancellationToken">Stops; the same call goes on where it stopped.</param>
    /// <exception cref="BatchClientException">The message says why and what to do.</exception>
    internal Task<SubmitResult> SubmitAsync(string batchId, StoredFile file, SubmitOptions options, CancellationToken cancellationToken)
    {
        Check(options);
        var source = InputSource.OfBlob(_store, file.Content.Path, file.File.Id);
        var scan = new InputScan(source, file.Content.Sha256, file.Content.Bytes, Rows: 0, UnreadableRows: 0, [], []);
        options = options with { InputFileId = file.File.Id };
        return ServiceFaults.ExplainAsync(() => _submitter.SubmitAsync(
            batchId, scan, (path, _) => throw new InvalidOperationException($"The picture '{path}' was asked for, but the input named none."), options, cancellationToken));
    }

    /// <summary>Where a batch is.</summary>
    /// <exception cref="BatchClientException">There is no such batch.</exception>
    public Task<BatchSnapshot> StatusAsync(string batchId, CancellationToken cancellationToken = default) =>
        ServiceFaults.ExplainAsync(() => _reader.ReadAsync(batchId, cancellationToken));

    /// <summary>Batches, newest first, a page at a time.</summary>
    /// <param name="tenant">Whose: those whose ids begin with this and <c>_</c>; empty for all.</param>
    /// <param name="after">The last batch of the page before, or null for the first page.</param>
    /// <param name="limit">The most batches of the page.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="BatchClientException">There is no batch <paramref name="after"/>, or it is another tenant's.</exception>
    public Task<BatchPage> ListAsync(string tenant = "", string? after = null, int limit = 20, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ServiceFaults.ExplainAsync(() => _lister.ListAsync(tenant, after, limit, cancellationToken));
    }

    /// <summary>Where a batch is, now and after each change, until it is over; a paused one isn't.</summary>
    /// <exception cref="BatchClientException">There is no such batch.</exception>
    public async IAsyncEnumerable<BatchSnapshot> WatchAsync(
        string batchId, TimeSpan interval, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        byte[] last = [];
        while (true)
        {
            var snapshot = await StatusAsync(batchId, cancellationToken);
            var document = BlobJson.Write(new BatchState { Batch = snapshot.Batch, MaxTokensTotal = snapshot.MaxTokensTotal });
            if (!document.AsSpan().SequenceEqual(last)) yield return snapshot;
            if (snapshot.IsOver) yield break;
            last = document;
            await Task.Delay(interval, _time, cancellationToken);
        }
    }

    /// <summary>Asks for a batch to be stopped; rows that have finished keep their answers.</summary>
    /// <returns>Where the batch was.</returns>
    /// <exception cref="BatchClientException">There is no such batch.</exception>
    public Task<BatchSnapshot> CancelAsync(string batchId, CancellationToken cancellationToken = default) =>
        TellAsync(batchId, new CancelBatch { BatchId = batchId }, cancellationToken);

    /// <summary>Asks for a batch to rest.</summary>
    /// <returns>Where the batch was.</returns>
    /// <exception cref="BatchClientException">There is no such batch.</exception>
    public Task<BatchSnapshot> PauseAsync(string batchId, CancellationToken cancellationToken = default) =>
        TellAsync(batchId, new PauseBatch { BatchId = batchId }, cancellationToken);

    /// <summary>Asks for a batch that is paused, or has used up its tokens, to go on.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="maxTokensTotal">How many tokens it may use altogether, those used included, or null for as many as before.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Where the batch was.</returns>
    /// <exception cref="BatchClientException">There is no such batch.</exception>
    public Task<BatchSnapshot> ResumeAsync(string batchId, long? maxTokensTotal = null, CancellationToken cancellationToken = default) =>
        TellAsync(batchId, new ResumeBatch { BatchId = batchId, MaxTokensTotal = maxTokensTotal }, cancellationToken);

    /// <summary>Fetches the answers of a batch into <c>output.jsonl</c> and <c>errors.jsonl</c> of a folder.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="folder">The folder, which is created where there is none.</param>
    /// <param name="partial">Whether the rows that are done will do where the batch isn't.</param>
    /// <param name="cancellationToken">Stops; nothing is written then.</param>
    /// <exception cref="BatchClientException">There is no such batch, it isn't done, or its files aren't those of its manifest.</exception>
    public Task<OutputResult> OutputAsync(
        string batchId, string folder, bool partial = false, CancellationToken cancellationToken = default) =>
        ServiceFaults.ExplainAsync(() => FetchAsync(batchId, folder, partial, cancellationToken));

    /// <summary>Submits the failed rows of a batch as a new one; the same call again is the same batch.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="includeUnfinished">Whether also rows that never ran, because the batch was cancelled or expired.</param>
    /// <param name="maxTokensTotal">How many tokens the new batch may use altogether, or null for as many as it wants.</param>
    /// <param name="cancellationToken">Stops; the same call goes on where it stopped.</param>
    /// <exception cref="BatchClientException">There is no such batch, or it isn't done.</exception>
    public Task<RetryResult> RetryFailedAsync(
        string batchId, bool includeUnfinished = false, long? maxTokensTotal = null, CancellationToken cancellationToken = default) =>
        ServiceFaults.ExplainAsync(() => RetryAsync(batchId, includeUnfinished, maxTokensTotal, cancellationToken));

    /// <summary>
    /// Tells the workers again of all batches that aren't over, the oldest first: for a transport that forgets. It changes nothing of those
    /// that are known, so that one that was paused rests on.
    /// </summary>
    /// <returns>How many.</returns>
    internal Task<int> SubmitAgainAsync(CancellationToken cancellationToken) => ServiceFaults.ExplainAsync(async () =>
    {
        var open = new List<BatchSnapshot>();
        BatchPage page;
        string? last = null;
        do
        {
            page = await _lister.ListAsync("", last, ListedAtOnce, cancellationToken);
            open.AddRange(page.Batches.Where(batch => batch is { IsOver: false, IsUploaded: true }));
            last = page.Batches is [.., var oldest] ? oldest.Batch.Id : last;
        }
        while (page.HasMore);

        open.Reverse();
        var sender = await SenderAsync(cancellationToken);
        foreach (var batch in open) await sender.SendAsync(batch.ToMessage(), batch.Priority, cancellationToken);
        return open.Count;
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_sender is IAsyncDisposable sender) await sender.DisposeAsync();
        if (_store is IDisposable store) store.Dispose();
        _gate.Dispose();
    }

    private async Task<OutputResult> FetchAsync(string batchId, string folder, bool partial, CancellationToken cancellationToken)
    {
        var snapshot = await _reader.ReadAsync(batchId, cancellationToken);
        if (await _reader.TryReadManifestAsync(batchId, cancellationToken) is { } manifest)
            return await new OutputDownload(_store).FetchAsync(manifest, folder, cancellationToken);
        if (partial && snapshot.Batch.Status != BatchStatus.Failed)
            return await new PartialOutput(_store).FetchAsync(snapshot, folder, cancellationToken);
        throw NotDone(snapshot, $"wait with 'dray watch {batchId}', or take the rows that are done with --partial");
    }

    private async Task<RetryResult> RetryAsync(string batchId, bool includeUnfinished, long? maxTokensTotal, CancellationToken cancellationToken)
    {
        var snapshot = await _reader.ReadAsync(batchId, cancellationToken);
        var manifest = await _reader.TryReadManifestAsync(batchId, cancellationToken)
            ?? throw NotDone(snapshot, $"wait with 'dray watch {batchId}'");
        return await new BatchRetry(_store, _submitter).RunAsync(manifest, includeUnfinished, maxTokensTotal, cancellationToken);
    }

    private static BatchClientException NotDone(BatchSnapshot snapshot, string remedy)
    {
        var (batch, counts) = (snapshot.Batch, snapshot.Batch.RequestCounts);
        if (batch.Status == BatchStatus.Failed)
        {
            var reason = batch.Errors is { Data: [var first, ..] } ? first.Message : "The input can't be run.";
            return new BatchClientException(BatchClientProblem.NotDone, $"The batch '{batch.Id}' was refused and has no output: {reason}");
        }

        var far = counts.Total == 0 ? "no row has run yet" : $"{snapshot.Done} of {counts.Total} rows are done";
        var status = JsonSerializer.Serialize(batch.Status).Trim('"');
        return new BatchClientException(BatchClientProblem.NotDone, $"The batch '{batch.Id}' is {status}, {far}; {remedy}.");
    }

    private static void Check(SubmitOptions options)
    {
        if (options.Key is { Length: 0 or > MaxKey }) throw Refuse($"The key has {options.Key.Length} characters; give 1 to {MaxKey}.");
        if (options.Expires is { } expires && (expires < TimeSpan.FromSeconds(1) || expires > LongestExpiry))
            throw Refuse($"The batch is to expire after {expires}; give a time from 1 s to {LongestExpiry.TotalDays} days.");
        if (options.MaxTokensTotal < 1) throw Refuse($"The batch may use {options.MaxTokensTotal} tokens; give at least 1, or leave it out.");
        var metadata = options.Metadata ?? new Dictionary<string, string>();
        if (metadata.Count > MaxMetadataPairs) throw Refuse($"The metadata has {metadata.Count} pairs; give at most {MaxMetadataPairs}.");
        foreach (var (key, value) in metadata)
        {
            if (key.Length is 0 or > MaxMetadataKey || value.Length > MaxMetadataValue)
                throw Refuse(
                    $"The metadata has a key of {key.Length} and its value of {value.Length} characters; give keys of 1 to {MaxMetadataKey} " +
                    $"and values of at most {MaxMetadataValue}.");
        }
    }

    private static BatchClientException Refuse(string message) => new(BatchClientProblem.InputRefused, message);

    private Task<BatchSnapshot> TellAsync<T>(string batchId, T message, CancellationToken cancellationToken)
        where T : class => ServiceFaults.ExplainAsync(async () =>
    {
        var snapshot = await _reader.ReadAsync(batchId, cancellationToken);
        await (await SenderAsync(cancellationToken)).SendAsync(message, snapshot.Priority, cancellationToken);
        return snapshot;
    });

    private async Task<IMessageSender> SenderAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _sender ??= await _connect(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }
}
