using Azure.Storage.Blobs;
using Dray.Tests.Services;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Storage;

public sealed class AzureBlobStoreTests : BlobStoreConformance
{
    private BlobContainerClient? _container;
    private AzureBlobStore? _store;

    private protected override IBlobStore Store => _store!;

    public override async ValueTask InitializeAsync()
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        var server = await AzuriteServer.SharedAsync();
        _container = new BlobContainerClient(server.ConnectionString, $"test-{Guid.NewGuid():N}", AzureBlobRetries.Patient());
        await _container.CreateAsync(cancellationToken: Token);
        _store = new AzureBlobStore(_container, "tenant/a");
    }

    [Fact]
    public async Task AnyOperation_Prefix_SeesOnlyWhatIsUnderIt()
    {
        var other = new AzureBlobStore(_container!, "tenant/ab/");
        var whole = new AzureBlobStore(_container!);
        await Store.TryCreateAsync("x/1", Bytes("mine"), Token);
        await other.TryCreateAsync("x/2", Bytes("theirs"), Token);

        (await PathsAsync("x/")).ShouldBe(["x/1"]);
        (await Store.TryReadAsync("x/2", Token)).ShouldBeNull();
        (await whole.ListAsync("tenant/", Token).ToListAsync(Token)).ShouldBe(["tenant/a/x/1", "tenant/ab/x/2"]);
        Should.Throw<ArgumentException>(() => new AzureBlobStore(_container!, "tenant/../other"));
    }

    [Fact]
    public async Task ListAsync_NamesThatNoPathCanBe_AreLeftOut()
    {
        await _container!.UploadBlobAsync("tenant/a/x/.hidden", BinaryData.FromString("x"), Token);
        await Store.TryCreateAsync("x/1", Bytes("x"), Token);

        (await PathsAsync("x/")).ShouldBe(["x/1"]);
    }

    [Fact]
    public async Task TryReadAsync_BlobTooLargeForADocument_IsRefused()
    {
        await Store.PutAsync(
            "a",
            async (stream, token) =>
            {
                var piece = new byte[1024 * 1024];
                for (var i = 0; i < 65; i++) await stream.WriteAsync(piece, token);
            },
            Token);

        (await Should.ThrowAsync<InvalidDataException>(() => Store.TryReadAsync("a", Token))).Message
            .ShouldBe("The blob 'a' has 68157440 bytes, more than the 67108864 of a document; it isn't one of Dray's.");
    }

    [Fact]
    public async Task AnyOperation_ContainerThatIsGone_SaysSoInASentence()
    {
        await _container!.DeleteAsync(cancellationToken: Token);

        var failures = new List<IOException>();
        foreach (var call in new Func<Task>[]
        {
            () => Store.TryReadAsync("a", Token), () => Store.OpenReadAsync("a", cancellationToken: Token), () => Store.ExistsAsync("a", Token),
            () => Store.TryCreateAsync("a", Bytes("x"), Token), () => Store.PutAsync("a", Large(1), Token),
            () => Store.TryReplaceAsync("a", Bytes("x"), "\"1\"", Token), () => Store.AppendAsync("a", Bytes("x"), Token), () => PathsAsync("a/"),
        })
        {
            failures.Add(await Should.ThrowAsync<IOException>(async () => await call()));
        }

        foreach (var failure in failures)
        {
            failure.ShouldNotBeOfType<FileNotFoundException>();
            failure.Message.ShouldEndWith($"has no container 'devstoreaccount1/{_container.Name}'; create it, or name another.");
        }
    }
}
