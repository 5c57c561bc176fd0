using System.ComponentModel.DataAnnotations;
using System.Text;
using Dray.Worker.Events;

namespace Dray.Worker.Tests.Events;

public sealed class WebhookSettingsTests
{
    private const string LongSecret = "a secret of more than twenty-four bytes";

    [Theory]
    [InlineData("https://hooks.example.org/x?token=1", true)]
    [InlineData("http://localhost:8080/hook", true)]
    [InlineData("http://127.0.0.1/hook", true)]
    [InlineData("http://[::1]:81/hook", true)]
    [InlineData("http://hooks.example.org/x", false)]
    [InlineData("http://localhost.example.org/x", false)]
    [InlineData("https://user:password@hooks.example.org/x", false)]
    [InlineData("ftp://hooks.example.org/x", false)]
    [InlineData("/hook", false)]
    public void From_Url_MustBeHttpsOrThisMachine(string url, bool allowed)
    {
        var options = new WorkerOptions { WebhookUrl = url };

        WebhookUrlAttribute.IsAllowed(url).ShouldBe(allowed);
        if (allowed) WebhookSettings.From(options, _ => LongSecret)!.Url.ShouldBe(new Uri(url));
        else Should.Throw<ValidationException>(() => WorkerSettings.From(options)).Message.ShouldContain("https");
    }

    [Fact]
    public void From_NoUrl_IsNull() => WebhookSettings.From(new WorkerOptions(), _ => LongSecret).ShouldBeNull();

    [Theory]
    [InlineData(null, "there is no secret to sign with in $DRAY_WEBHOOK_SECRET")]
    [InlineData("short", "has 5 bytes; use at least 24")]
    [InlineData("whsec_!!!", "what follows isn't base64")]
    [InlineData("whsec_c2hvcnQ=", "has 5 bytes; use at least 24")]
    public void From_UnusableSecret_SaysWhyWithoutTellingIt(string? secret, string why)
    {
        var failure = Should.Throw<ValidationException>(() => WebhookSettings.From(new WorkerOptions { WebhookUrl = "https://a.example/" }, _ => secret));

        failure.Message.ShouldContain(why);
        if (secret is not null) failure.Message.ShouldNotContain(secret);
    }

    [Fact]
    public void From_SecretFile_GoesBeforeTheVariable()
    {
        using var folder = new TemporaryFolder();
        var options = new WorkerOptions { WebhookUrl = "https://a.example/", WebhookSecretFile = folder.Write("secret", LongSecret + "\n") };

        WebhookSettings.From(options, _ => "another")!.Key.ToArray().ShouldBe(Encoding.UTF8.GetBytes(LongSecret));
    }

    [Fact]
    public void From_SecretFileMissing_NamesIt() => Should.Throw<ValidationException>(() => WebhookSettings.From(
        new WorkerOptions { WebhookUrl = "https://a.example/", WebhookSecretFile = "/nowhere/secret" }, _ => LongSecret))
        .Message.ShouldStartWith("webhook_secret_file '/nowhere/secret' can't be read");

    [Fact]
    public void ToString_OfTheWorkersSettings_HoldsNoKey()
    {
        var settings = WorkerSettings.From(new WorkerOptions()) with
        {
            Webhook = WebhookSettings.From(new WorkerOptions { WebhookUrl = "https://a.example/token" }, _ => LongSecret),
        };

        settings.ToString().ShouldNotContain(LongSecret);
    }
}
