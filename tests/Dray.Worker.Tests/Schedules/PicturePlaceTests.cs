using System.ComponentModel.DataAnnotations;
using Dray.Worker.Schedules;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Schedules;

public sealed class PicturePlaceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenSource_FolderWithLinkOut_SeesAndReadsOnlyWhatIsInside()
    {
        using var folder = new TemporaryFolder();
        folder.Write("secret/key.png", "secret");
        folder.Write("scans/a/1.png", "1");
        folder.Write("scans/.hidden/2.png", "2");
        File.CreateSymbolicLink(folder["scans", "3.png"], folder["secret", "key.png"]);
        Directory.CreateSymbolicLink(folder["scans", "b"], folder["secret"]);
        using var store = new FileSystemBlobStore(folder["store"]);
        var source = PicturePlace.Parse("file:scans", folder.Path).OpenSource(store);

        (await source.ListAsync(Token).Select(entry => entry.Path).ToListAsync(Token)).ShouldBe(["a/1.png"]);
        (await source.ReadAsync("a/1.png", 10, Token))!.Value.Length.ShouldBe(1);
        await Should.ThrowAsync<Inference.RequestRejectedException>(() => source.ReadAsync("3.png", 10, Token));
        (await source.ReadAsync("none.png", 10, Token)).ShouldBeNull();
    }

    [Fact]
    public void OpenSource_ContainerOfAFolderStore_IsRefusedWithTheRemedy()
    {
        using var folder = new TemporaryFolder();
        using var store = new FileSystemBlobStore(folder["store"]);

        Should.Throw<ValidationException>(() => PicturePlace.Parse("blob://scans/2027/", "/").OpenSource(store)).Message
            .ShouldBe("The schedules' place 'blob://scans/2027/' is in a blob container, but the store is a folder; write a folder of the store or file:///folder.");
    }
}
