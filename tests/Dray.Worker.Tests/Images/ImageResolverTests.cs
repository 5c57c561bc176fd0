using Dray.Inference;
using Dray.Worker.Images;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Images;

public sealed class ImageResolverTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageResolver _resolver;

    public ImageResolverTests()
    {
        _folder.Write("secret.png", "secret");
        _folder.Write("root-beside/x.png", "beside");
        _folder.Write("root/a.png", "one");
        _folder.Write("root/sub/b c%20.png", "three");
        _resolver = new ImageResolver(new ImageFolder(_folder["root"]), maxImages: 2, maxBytes: 8);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("data:image/png;base64,AQID", 3)]
    [InlineData("data:application/octet-stream;base64,AQID", 3)]
    [InlineData("DATA:IMAGE/jpeg;charset=x;BASE64,AQ==", 1)]
    [InlineData("data:image/png;base64,AQIDBAUGBwg=", 8)]
    [InlineData("a.png", 3)]
    [InlineData("./sub/b c%20.png", 5)]
    public async Task ResolveAsync_PictureThatIsAllowed_GivesItsBytes(string url, int bytes) =>
        (await _resolver.ResolveAsync([url], Token)).Single().Length.ShouldBe(bytes);

    [Theory]
    [InlineData("../secret.png")]
    [InlineData("sub/../../secret.png")]
    [InlineData("sub/../a.png")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("//server/share/x.png")]
    [InlineData("C:\\x.png")]
    [InlineData("c:/x.png")]
    [InlineData("..\\secret.png")]
    [InlineData("%2e%2e/secret.png")]
    [InlineData("%2E%2e%2Fsecret.png")]
    [InlineData("..%2fsecret.png")]
    [InlineData("%2fetc/passwd")]
    [InlineData("a.png\0.jpg")]
    [InlineData("")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://example.org/a.png")]
    [InlineData("https://example.org/a.png")]
    [InlineData("blob://container/a.png")]
    [InlineData("data:image/png,AQID")]
    [InlineData("data:image/png;base64")]
    public async Task ResolveAsync_PictureThatIsNotAllowed_IsRefusedInASentence(string url)
    {
        var refusal = await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync([url], Token));

        refusal.Code.ShouldBe(RequestErrorCodes.InvalidRequest);
        refusal.Message.ShouldEndWith(".");
    }

    [Theory]
    [InlineData("nothing.png", RequestErrorCodes.ImageNotFound)]
    [InlineData("none/at/all.png", RequestErrorCodes.ImageNotFound)]
    [InlineData("a.png/b.png", RequestErrorCodes.ImageNotFound)]
    [InlineData("sub", RequestErrorCodes.ImageNotFound)]
    [InlineData("%252e%252e/secret.png", RequestErrorCodes.ImageNotFound)]
    [InlineData("data:image/png;base64,AQI", RequestErrorCodes.ImageInvalid)]
    [InlineData("data:image/png;base64,", RequestErrorCodes.ImageInvalid)]
    [InlineData("data:image/png;base64,AQIDBAUGBwgJ", RequestErrorCodes.ContentTooLarge)]
    public async Task ResolveAsync_PictureThatFails_SaysHow(string url, string code) =>
        (await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync([url], Token))).Code.ShouldBe(code);

    [Fact]
    public async Task ResolveAsync_LargeFile_IsRefused()
    {
        _folder.Write("root/large.png", "123456789");

        var refusal = await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync(["large.png"], Token));

        (refusal.Code, refusal.Message).ShouldBe((RequestErrorCodes.ContentTooLarge, "The picture 'large.png' has 9 bytes, more than the 8 allowed; send it smaller."));
    }

    [Fact]
    public async Task ResolveAsync_Links_AreFollowedOnlyInside()
    {
        File.CreateSymbolicLink(_folder["root/inside.png"], "sub/../a.png");
        File.CreateSymbolicLink(_folder["root/outside.png"], "../secret.png");
        File.CreateSymbolicLink(_folder["root/absolute.png"], _folder["secret.png"]);
        File.CreateSymbolicLink(_folder["root/chain.png"], "outside.png");
        File.CreateSymbolicLink(_folder["root/loop.png"], "loop.png");
        Directory.CreateSymbolicLink(_folder["root/beside"], "../root-beside");

        (await _resolver.ResolveAsync(["inside.png"], Token)).Single().Length.ShouldBe(3);
        foreach (var url in new[] { "outside.png", "absolute.png", "chain.png", "beside/x.png" })
            (await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync([url], Token))).Code.ShouldBe(RequestErrorCodes.InvalidRequest, url);
        (await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync(["loop.png"], Token))).Code.ShouldBe(RequestErrorCodes.ImageNotFound);
    }

    [Fact]
    public async Task ResolveAsync_RootThatIsALink_IsStillTheFolder()
    {
        Directory.CreateSymbolicLink(_folder["link"], "root");
        var resolver = new ImageResolver(new ImageFolder(_folder["link"]), 1, 8);

        (await resolver.ResolveAsync(["a.png"], Token)).Single().Length.ShouldBe(3);
    }

    [Fact]
    public async Task ResolveAsync_MorePicturesThanAllowed_IsRefused()
    {
        var refusal = await Should.ThrowAsync<RequestRejectedException>(() => _resolver.ResolveAsync(["a.png", "a.png", "a.png"], Token));

        refusal.Message.ShouldBe("The request has 3 pictures, more than the 2 allowed; send fewer, or raise limit_mm_per_prompt.image.");
    }

    [Fact]
    public async Task ResolveAsync_WithoutAFolder_RefusesPaths() =>
        (await Should.ThrowAsync<RequestRejectedException>(() => new ImageResolver(null, 1, 8).ResolveAsync(["a.png"], Token)))
            .Message.ShouldBe("The picture 'a.png' is a path, and this worker has no folder to look in; send a data: URL.");
}
