using Azure.Storage.Blobs;
using Dray.Inference;
using Dray.Tests.Services;
using Dray.Worker.Images;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Images;

public sealed class StoredImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemBlobStore _store;
    private readonly ImageResolver _resolver;

    public StoredImagesTests()
    {
        _store = new FileSystemBlobStore(_folder.Path);
        _resolver = Resolver(_store);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("a.png")]
    [InlineData("sub/b c%20.png")]
    [InlineData("./sub/./b c%20.png")]
    [InlineData(".hidden/x?.png")]
    [InlineData("%252e%252e/a.png")]
    public async Task ResolveAsync_UploadedPicture_GivesItsBytes(string path)
    {
        await _store.TryCreateAsync(BatchPaths.Image("b1", path), new byte[] { 1, 2, 3 }, Token);

        (await _resolver.ResolveAsync([path], "b1", Token)).Single().ToArray().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task ResolveAsync_PictureOfAnotherBatch_IsNotThere()
    {
        await _store.TryCreateAsync(BatchPaths.Image("b1", "a.png"), new byte[1], Token);

        var refusal = await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync(["a.png"], "b2", Token));

        (refusal.Code, refusal.Message).ShouldBe((
            RequestErrorCodes.ImageNotFound, "The picture 'a.png' wasn't uploaded with the batch; check its name, and submit with dray submit."));
    }

    [Fact]
    public async Task ResolveAsync_LargePicture_IsRefused()
    {
        await _store.TryCreateAsync(BatchPaths.Image("b1", "a.png"), new byte[9], Token);

        (await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync(["a.png"], "b1", Token))).Code.ShouldBe(RequestErrorCodes.ContentTooLarge);
    }

    [Theory]
    [InlineData("../b2/a.png")]
    [InlineData("sub/../../b2/a.png")]
    [InlineData("%2e%2e/b2/a.png")]
    [InlineData("..%2fb2/a.png")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\a.png")]
    [InlineData("")]
    [InlineData("blob:allowed/a.png")]
    [InlineData("blob://allowed/")]
    [InlineData("blob://allowed")]
    [InlineData("blob:///a.png")]
    [InlineData("blob://allowed/../other/a.png")]
    [InlineData("blob://other/a.png")]
    [InlineData("blob://Allowed/a.png")]
    [InlineData("blob://allowed/a.png")]
    [InlineData("https://example.org/a.png")]
    public async Task ResolveAsync_PictureThatIsNotAllowed_IsRefusedInASentence(string url)
    {
        await _store.TryCreateAsync(BatchPaths.Image("b2", "a.png"), new byte[1], Token);

        var refusal = await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync([url], "b1", Token));

        refusal.Code.ShouldBe(RequestErrorCodes.InvalidRequest);
        refusal.Message.ShouldEndWith(".");
    }

    [Fact]
    public async Task ResolveAsync_PathInAJob_IsRefused() =>
        (await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync(["a.png"], null, Token))).Message
            .ShouldBe("The picture 'a.png' is a path, and nothing is uploaded with a single job; send a data: URL, or submit a batch.");

    [Fact]
    public async Task ResolveAsync_AllowedContainer_GivesItsPictures()
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        var server = await AzuriteServer.SharedAsync();
        var service = new BlobServiceClient(server.ConnectionString, AzureBlobRetries.Patient());
        var (own, allowed, missing) = ($"own-{Guid.NewGuid():N}", $"allowed-{Guid.NewGuid():N}", $"missing-{Guid.NewGuid():N}");
        foreach (var name in new[] { own, allowed }) await service.CreateBlobContainerAsync(name, cancellationToken: Token);
        await service.GetBlobContainerClient(allowed).UploadBlobAsync("sub/a.png", BinaryData.FromBytes(new byte[] { 1, 2 }), Token);
        await service.GetBlobContainerClient(own).UploadBlobAsync("a.png", BinaryData.FromBytes(new byte[] { 1 }), Token);
        var resolver = Resolver(new AzureBlobStore(service.GetBlobContainerClient(own), "tenant"), allowed, missing);

        (await resolver.ResolveAsync([$"blob://{allowed}/sub/a.png"], null, Token)).Single().ToArray().ShouldBe([1, 2]);
        await RefusedAsync($"blob://{allowed}/none.png", RequestErrorCodes.ImageNotFound, "isn't there; check its name.");
        await RefusedAsync($"blob://{missing}/a.png", RequestErrorCodes.ImageNotFound, "can't be read; have the worker's identity allowed to");
        await RefusedAsync($"blob://{own}/a.png", RequestErrorCodes.InvalidRequest, "isn't on this worker's image_containers");

        async Task RefusedAsync(string url, string code, string sentence)
        {
            var refusal = await Should.ThrowAsync<RequestRejectedException>(() => resolver.ResolveAsync([url], null, Token));
            refusal.Code.ShouldBe(code);
            refusal.Message.ShouldContain(sentence);
        }
    }

    private static ImageResolver Resolver(IBlobStore store, params string[] containers) =>
        new(null, new StoredImages(store, containers.Length == 0 ? ["allowed"] : containers), null, maxImages: 2, maxBytes: 8);
}
