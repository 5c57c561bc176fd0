using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Client;

/// <summary>A client, and a worker that does what it submits.</summary>
internal sealed class WorkedFixture : IAsyncDisposable
{
    private readonly WorkerFixture _worker;

    private WorkedFixture(WorkerFixture worker)
    {
        _worker = worker;
        Sender.Forward = message => worker.Bus.Publish(message, message.GetType());
        Client = new BatchClient(new FileSystemBlobStore(worker.Folder["store"]), _ => Task.FromResult<IMessageSender>(Sender), TimeProvider.System);
    }

    public RecordingSender Sender { get; } = new();

    public BatchClient Client { get; }

    public FileSystemBlobStore Store => _worker.Store;

    public EngineFake Engine => _worker.Engine;

    public TemporaryFolder Folder => _worker.Folder;

    public static async Task<WorkedFixture> StartAsync() => new(await WorkerFixture.StartAsync(TestContext.Current.CancellationToken));

    public Task<SubmitResult> SubmitAsync(string input) =>
        Client.SubmitAsync(Folder.Write("jobs.jsonl", input), new SubmitOptions(), TestContext.Current.CancellationToken);

    public async Task<BatchSnapshot> FinishAsync(string batchId) =>
        await Client.WatchAsync(batchId, TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken).LastAsync(TestContext.Current.CancellationToken);

    public static BatchOutputRow[] Rows(string file) =>
        [.. File.ReadAllLines(file).Select(line => BlobJson.Read<BatchOutputRow>(System.Text.Encoding.UTF8.GetBytes(line), file))];

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _worker.DisposeAsync();
    }
}
