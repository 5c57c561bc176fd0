using Dray.Worker.Telemetry;

namespace Dray.Worker.Tests.Telemetry;

public sealed class SecretTextTests
{
    [Theory]
    [InlineData("amqp://guest:gu@est@localhost:5672/v", "amqp://guest:***@localhost:5672/v")]
    [InlineData("Can't reach amqps://dray:s3cret@mq.example.org (refused)", "Can't reach amqps://dray:***@mq.example.org (refused)")]
    [InlineData("amqp://localhost:5672/a@b", "amqp://localhost:5672/a@b")]
    [InlineData(
        "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=abc+/=;EndpointSuffix=core.windows.net",
        "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=***;EndpointSuffix=core.windows.net")]
    [InlineData("https://a.blob.core.windows.net/dray?sv=2024&sig=abc%3D&se=1", "https://a.blob.core.windows.net/dray?sv=2024&sig=***&se=1")]
    [InlineData("UseDevelopmentStorage=true", "UseDevelopmentStorage=true")]
    public void Redact_Text_MasksSecretsOnly(string text, string expected) => SecretText.Redact(text).ShouldBe(expected);

    [Theory]
    [InlineData("https://hooks.example.org/services/T0/token?x=1", "https://hooks.example.org")]
    [InlineData("http://user:pw@localhost:81/x", "http://localhost:81")]
    public void Host_Url_LeavesOutWhatMayBeSecret(string url, string expected) => SecretText.Host(new Uri(url)).ShouldBe(expected);
}
