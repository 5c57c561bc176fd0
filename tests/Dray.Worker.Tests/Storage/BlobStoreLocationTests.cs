using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using Dray.Tests.Services;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Storage;

public sealed class BlobStoreLocationTests
{
    private const string Key = "c2VjcmV0LXNlY3JldC1zZWNyZXQ=";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://acc.blob.core.windows.net/data", "https://acc.blob.core.windows.net/data")]
    [InlineData("https://acc.blob.core.windows.net/data/tenants/a/", "https://acc.blob.core.windows.net/data/tenants/a")]
    [InlineData("HTTPS://acc.blob.core.windows.net/data?sv=2024&sp=rw&sig=hunter2", "https://acc.blob.core.windows.net/data")]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/data/a", "http://127.0.0.1:10000/devstoreaccount1/data/a")]
    [InlineData("http://localhost:12345/devstoreaccount1/data", "http://127.0.0.1:12345/devstoreaccount1/data")]
    [InlineData("UseDevelopmentStorage=true", "http://127.0.0.1:10000/devstoreaccount1/dray")]
    [InlineData("UseDevelopmentStorage=true;Container=other/tenant/a", "http://127.0.0.1:10000/devstoreaccount1/other/tenant/a")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=" + Key + ";EndpointSuffix=core.windows.net", "https://acc.blob.core.windows.net/dray")]
    [InlineData("accountname=devstoreaccount1;accountkey=" + Key + ";blobendpoint=http://azurite:10000/devstoreaccount1", "http://azurite:10000/devstoreaccount1/dray")]
    [InlineData("BlobEndpoint=https://acc.blob.core.windows.net/;SharedAccessSignature=sv=2024&sig=hunter2", "https://acc.blob.core.windows.net/dray")]
    public void Parse_Location_ShowsWhereWithoutAnySecret(string store, string shown) => BlobStoreLocation.Parse(store).ToString().ShouldBe(shown);

    [Theory]
    [InlineData("out/store")]
    [InlineData("a=b;c")]
    [InlineData("/tmp/x y")]
    public void Parse_AnythingElse_IsAFolder(string store) => BlobStoreLocation.Parse(store).ToString().ShouldBe(Path.GetFullPath(store));

    [Theory]
    [InlineData("", "is empty; name a folder")]
    [InlineData("ftp://acc/data", "'ftp://acc/data' isn't an https URL; write https://ACCOUNT")]
    [InlineData("https://acc.blob.core.windows.net/", "names no container; a container's name has 3 to 63")]
    [InlineData("https://acc.blob.core.windows.net/Data", "names no container")]
    [InlineData("https://acc.blob.core.windows.net/data/../../x", "names no container")]
    [InlineData("https://acc.blob.core.windows.net/data/.x", "has a path after its container")]
    [InlineData("https://acc.blob.core.windows.net/data/%2e%2e%2fx", "container")]
    [InlineData("https://acc.blob.core.windows.net/data?hunter2=1", "'https://acc.blob.core.windows.net/data' has a query that isn't")]
    [InlineData("https://user:hunter2@acc.blob.core.windows.net/data", "'https://acc.blob.core.windows.net/data' has a user")]
    [InlineData("http://acc.blob.core.windows.net/data?sig=hunter2", "'http://acc.blob.core.windows.net/data' isn't encrypted; write https.")]
    [InlineData("http://10.0.0.1:10000/devstoreaccount1/data", "isn't encrypted; write https, or http://127.0.0.1:10000")]
    [InlineData("http://127.0.0.1:10000/other/data", "isn't encrypted")]
    [InlineData("AccountName=acc;AccountKey=not-base64-hunter2", "'AccountName=acc;AccountKey=***' isn't a whole connection string; copy it")]
    [InlineData("AccountKey=hunter2", "isn't a whole connection string")]
    [InlineData("AccountName=acc;hunter2;Containr=hunter2", "'AccountName=acc;***=***;Containr=***' isn't")]
    [InlineData("DefaultEndpointsProtocol=http;AccountName=acc;AccountKey=" + Key, "AccountKey=***' isn't encrypted; use https")]
    [InlineData("UseDevelopmentStorage=true;Container=A", "names no container")]
    public void Parse_Mistake_IsASentenceWithoutAnySecret(string store, string part)
    {
        var refusal = Should.Throw<ArgumentException>(() => BlobStoreLocation.Parse(store));

        refusal.Message.ShouldContain(part);
        refusal.Message.ShouldEndWith(".");
        refusal.ToString().ShouldNotContain("hunter2");
        refusal.ToString().ShouldNotContain(Key);
    }

    [Fact]
    public async Task OpenAsync_Folder_IsCreatedAndWritable()
    {
        using var folder = new TemporaryFolder();
        var location = BlobStoreLocation.Parse(folder["a/b"]);

        await location.ProbeAsync(Token);
        using var store = (await location.OpenAsync(Token)).ShouldBeOfType<FileSystemBlobStore>();

        (await store.ExistsAsync("probe.txt", Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task ProbeAsync_FolderThatIsAFile_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var location = BlobStoreLocation.Parse(folder.Write("a", "x"));

        (await Should.ThrowAsync<IOException>(() => location.ProbeAsync(Token))).Message.ShouldContain(location.ToString());
    }

    [Fact]
    public async Task ProbeAsync_NobodyThere_SaysSo()
    {
        var location = BlobStoreLocation.Parse($"http://127.0.0.1:{FreePort.Next()}/devstoreaccount1/dray");

        (await Should.ThrowAsync<IOException>(() => location.ProbeAsync(Token))).Message
            .ShouldEndWith("can't be reached (ConnectionRefused); start it, or correct the store's address.");
    }

    [Fact]
    public async Task OpenAsync_ConnectionString_CreatesItsContainer()
    {
        var server = await ServerAsync();
        var name = $"test-{Guid.NewGuid():N}";
        var location = BlobStoreLocation.Parse($"{server.ConnectionString}Container={name}/tenant".Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

        var store = await location.OpenAsync(Token);
        await store.TryCreateAsync("a/b", "x"u8.ToArray(), Token);
        await location.ProbeAsync(Token);

        var container = new BlobContainerClient(server.ConnectionString, name);
        (await container.GetBlobsAsync(cancellationToken: Token).Select(blob => blob.Name).ToListAsync(Token)).ShouldBe(["tenant/a/b", "tenant/probe.txt"]);
    }

    [Fact]
    public async Task OpenAsync_Url_UsesItsSignature()
    {
        var server = await ServerAsync();
        var container = new BlobContainerClient(server.ConnectionString, $"test-{Guid.NewGuid():N}");
        await container.CreateAsync(cancellationToken: Token);
        var readOnly = container.GenerateSasUri(BlobContainerSasPermissions.Read, DateTimeOffset.UtcNow.AddHours(1));
        var all = container.GenerateSasUri(BlobContainerSasPermissions.All, DateTimeOffset.UtcNow.AddHours(1));

        var store = await BlobStoreLocation.Parse(all.ToString().Replace($"/{container.Name}?", $"/{container.Name}/t?", StringComparison.Ordinal)).OpenAsync(Token);
        (await store.TryCreateAsync("a", "x"u8.ToArray(), Token)).ShouldBeTrue();
        (await new AzureBlobStore(container).ExistsAsync("t/a", Token)).ShouldBeTrue();
        var refusal = await Should.ThrowAsync<IOException>(() => BlobStoreLocation.Parse(readOnly.ToString()).ProbeAsync(Token));

        refusal.Message.ShouldContain("refused the credentials (AuthorizationPermissionMismatch)");
        refusal.ToString().ShouldNotContain(readOnly.Query);
        refusal.ToString().ShouldNotContain("sig=");
    }

    [Fact]
    public async Task ProbeAsync_UrlOfAContainerThatIsNotThere_SaysSo()
    {
        var server = await ServerAsync();

        (await Should.ThrowAsync<IOException>(() => BlobStoreLocation.Parse($"{server.Endpoint}/nothing-here").ProbeAsync(Token))).Message
            .ShouldEndWith("has no container 'devstoreaccount1/nothing-here'; create it, or name another.");
    }

    private static async Task<AzuriteServer> ServerAsync()
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        return await AzuriteServer.SharedAsync();
    }
}
