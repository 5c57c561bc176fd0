using System.Net;
using Dray.Worker.Http;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Http;

[Collection(WebWorkerGroup.Name)]
public sealed class ApiKeysTests : IDisposable
{
    private const string Path = "/v1/chat/completions";
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    private string File => _folder["keys.jsonl"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Request_WithAKnownKey_IsAnsweredAndOthersGet401()
    {
        var key = Add("acme");
        await using var worker = await StartAsync();

        using var right = await worker.PostAsync(Path, HttpWorker.Chat("hi"), key);
        right.StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var wrong in new[] { null, "", "dray-wrong", key[..^1], key + "x", new string('k', 10_000) })
        {
            using var refused = await worker.PostAsync(Path, HttpWorker.Chat("no"), wrong);
            (await refused.ErrorAsync(HttpStatusCode.Unauthorized))["code"]!.GetValue<string>().ShouldBe("invalid_api_key");
            refused.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");
        }

        worker.Engine.Calls.Keys.ShouldBe(["hi"]);
    }

    [Theory]
    [InlineData("/v1/models", HttpStatusCode.Unauthorized)]
    [InlineData("/v1/nothing", HttpStatusCode.Unauthorized)]
    [InlineData("/health/live", HttpStatusCode.OK)]
    [InlineData("/metrics", HttpStatusCode.OK)]
    public async Task Request_WithoutAKey_ReachesHealthAndMetricsOnly(string path, HttpStatusCode status)
    {
        Add("acme");
        await using var worker = await StartAsync();

        using var response = await worker.Client.GetAsync(path, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task Find_FileChanges_KeysCountAndAreRevokedAfterAWhile()
    {
        var first = Add("acme");
        await using var worker = await StartAsync();
        var keys = worker.Services.GetRequiredService<ApiKeys>();
        keys.Find(first).ShouldBe(new Tenant("acme"));

        var second = Add("other");
        ApiKeyFile.Write(File, ApiKeyFile.Read(File).Select(key => key with { Disabled = key.Tenant == "acme" }));
        System.IO.File.SetLastWriteTimeUtc(File, DateTime.UtcNow.AddMinutes(1));
        keys.Find(second).ShouldBeNull();
        _time.Advance(ApiKeys.LookInterval);

        keys.Find(second).ShouldBe(new Tenant("other"));
        keys.Find(first).ShouldBeNull();

        System.IO.File.WriteAllText(File, "broken");
        _time.Advance(ApiKeys.LookInterval);
        keys.Find(second).ShouldBe(new Tenant("other"));
    }

    [Fact]
    public async Task Request_BeyondTheTenantsLimit_Is429WithATimeToComeAgain()
    {
        var (limited, free) = (Add("acme", 2), Add("other"));
        await using var worker = await StartAsync();
        for (var i = 0; i < 2; i++)
        {
            using var taken = await worker.PostAsync(Path, HttpWorker.Chat("hi"), limited);
            taken.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using var refused = await worker.PostAsync(Path, HttpWorker.Chat("hi"), limited);
        (await refused.ErrorAsync(HttpStatusCode.TooManyRequests))["code"]!.GetValue<string>().ShouldBe("rate_limit_exceeded");
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 60);
        using var other = await worker.PostAsync(Path, HttpWorker.Chat("hi"), free);
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("nonsense", "line 1")]
    [InlineData("""{"tenant":"acme"}""", "sha256")]
    [InlineData("""{"tenant":"a_b","sha256":"00"}""", "tenant")]
    [InlineData("""{"tenant":"acme","sha256":"00"}""", "64 hex digits")]
    [InlineData("""{"tenant":"acme","sha256":"0000000000000000000000000000000000000000000000000000000000000000","requests_per_minute":0}""", "requests_per_minute")]
    [InlineData("""{"tenant":"acme","sha256":"0000000000000000000000000000000000000000000000000000000000000000","rate":5}""", "rate")]
    public void Read_LineThatIsWrong_IsNamed(string line, string word)
    {
        System.IO.File.WriteAllText(File, line);

        Should.Throw<InvalidDataException>(() => ApiKeyFile.Read(File)).Message.ShouldContain(word);
    }

    [Fact]
    public void Append_NewFile_IsTheOwnersOnlyAndHoldsNoKey()
    {
        var key = Add("acme");

        if (!OperatingSystem.IsWindows()) System.IO.File.GetUnixFileMode(File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        System.IO.File.ReadAllText(File).ShouldNotContain(key);
        key.Length.ShouldBe("dray-".Length + 43);
    }

    private string Add(string tenant, int? requestsPerMinute = null)
    {
        var key = ApiKeyFile.NewKey();
        ApiKeyFile.Append(File, new ApiKey { Tenant = tenant, Sha256 = Convert.ToHexStringLower(ApiKeyFile.HashOf(key)), RequestsPerMinute = requestsPerMinute });
        return key;
    }

    private Task<WebWorker> StartAsync() => HttpWorker.StartAsync(new HttpApiOptions { ApiKeysFile = File }, services => services.AddSingleton<TimeProvider>(_time));
}
