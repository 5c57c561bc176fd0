using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Client;

/// <summary>A client over a folder as the store; nobody works on what it submits.</summary>
internal sealed class ClientFixture : IAsyncDisposable
{
    public ClientFixture()
    {
        Store = new FileSystemBlobStore(Folder["store"]);
        Client = Open();
    }

    public TemporaryFolder Folder { get; } = new();

    public FileSystemBlobStore Store { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    public RecordingSender Sender { get; } = new();

    public BatchClient Client { get; }

    public BatchClient Open(IBlobStore? store = null) => new(store ?? new FileSystemBlobStore(Folder["store"]), _ => Task.FromResult<IMessageSender>(Sender), Time);

    public Task<SubmitResult> SubmitAsync(string input, SubmitOptions? options = null) =>
        Client.SubmitAsync(Folder.Write("jobs.jsonl", input), options ?? new SubmitOptions(), TestContext.Current.CancellationToken);

    public Task WriteStateAsync(BatchState state) => Store.PutAsync(
        BatchPaths.State(state.Batch.Id), (stream, token) => stream.WriteAsync(BlobJson.Write(state), token).AsTask(), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        Store.Dispose();
        Folder.Dispose();
    }
}
