using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace Dray.Cli.Tests.Serve;

[Collection(ServeFixture.Group)]
public sealed partial class CancelTests(ServeFixture serve)
{
    private const int Choices = 16;
    private const int MaxTokens = 1500;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_ClientGoes_ItsSequencesLeaveTheEngine()
    {
        using var client = new HttpClient { BaseAddress = serve.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = JsonContent.Create(new { messages = new[] { new { role = "user", content = "Count." } }, n = Choices, max_tokens = MaxTokens, min_tokens = MaxTokens, stream = true }),
        };
        using (var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
            (await reader.ReadLineAsync(Token)).ShouldStartWith("data: ");
            (await MetricAsync(client, "dray_sequences_running")).ShouldBe(Choices);
        }

        while (await MetricAsync(client, "dray_sequences_running") > 0)
        {
        }

        (await MetricAsync(client, "dray_tokens_total")).ShouldBeLessThan(Choices * MaxTokens / 2);
    }

    // Counters with a tag are added up.
    private static async Task<double> MetricAsync(HttpClient client, string name) => Lines().Matches(await client.GetStringAsync("metrics", Token))
        .Where(line => line.Groups["name"].Value == name).Sum(line => double.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^(?<name>\w+)(\{[^\n]*\})? (?<value>[0-9.eE+-]+)( \d+)?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Lines();
}
