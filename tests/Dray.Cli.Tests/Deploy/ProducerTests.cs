using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Dray.Contracts;
using Dray.Tests.Services;
using RabbitMQ.Client;

namespace Dray.Cli.Tests.Deploy;

public sealed class ProducerTests(ProducerBroker broker) : IClassFixture<ProducerBroker>
{
    private const string Prompt = """Say "größe" \ twice""";

    private RabbitMqNode Node
    {
        get
        {
            RequiredServices.Demand(broker.Node is not null, "broker");
            return broker.Node!;
        }
    }

    [Theory]
    [InlineData("csharp")]
    [InlineData("python")]
    [InlineData("node")]
    [InlineData("curl")]
    public async Task Producer_Each_PublishesAsDocumentedAndReadsItsEvent(string language)
    {
        var token = TestContext.Current.CancellationToken;
        await using var worker = await JobWorker.StartAsync(Node.Uri, token);
        await using var tap = await JobTap.StartAsync(Node.Uri, token);
        foreach (var (prompt, exitCode) in new[] { (Prompt, 0), ("fail", 1) })
        {
            var jobId = $"{language}-{exitCode}";
            var run = await ProducerProgram.RunAsync(language, Node, "%2F", [jobId, prompt], token);

            run.ExitCode.ShouldBe(exitCode, run.Error);
            var told = Event(language, run.Output);
            told["job_id"]!.GetValue<string>().ShouldBe(jobId);
            told["metadata"]!["producer"]!.GetValue<string>().ShouldBe(language);
            if (exitCode == 0) (await worker.ReadAsync(told["output"]!["path"]!.GetValue<string>(), token)).ShouldContain("größe");
            else told["error"]!["code"]!.GetValue<string>().ShouldBe(ErrorCodes.EngineFailure);

            var (job, properties) = await tap.NextAsync(token);
            job.JobId.ShouldBe(jobId);
            job.Body.GetProperty("messages")[0].GetProperty("content").GetString().ShouldBe(prompt);
            properties.ContentType.ShouldBe("application/json");
            properties.DeliveryMode.ShouldBe(DeliveryModes.Persistent);
            properties.MessageId.ShouldNotBeNullOrEmpty();
        }
    }

    [Theory]
    [InlineData("csharp")]
    [InlineData("python")]
    [InlineData("node")]
    public async Task Producer_NoExchange_SaysSoAndDoesNotWait(string language)
    {
        var token = TestContext.Current.CancellationToken;
        var virtualHost = $"empty-{language}";
        using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{Node.ManagementPort}/api/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("guest:guest")));
        using var created = await http.PutAsync(new Uri($"vhosts/{virtualHost}", UriKind.Relative), null, token);
        using var rights = new StringContent("""{"configure":".*","write":".*","read":".*"}""", Encoding.UTF8, "application/json");
        using var allowed = await http.PutAsync(new Uri($"permissions/{virtualHost}/guest", UriKind.Relative), rights, token);
        (created.IsSuccessStatusCode && allowed.IsSuccessStatusCode).ShouldBeTrue();

        var run = await ProducerProgram.RunAsync(language, Node, virtualHost, ["job-1"], token);

        run.ExitCode.ShouldBe(4, run.Output);
        run.Error.ShouldContain("no exchange 'Dray.Contracts:JobCompleted'");
    }

    // The management API wraps what it gives.
    private static JsonNode Event(string language, string output) =>
        JsonNode.Parse(language == "curl" ? JsonNode.Parse(output)![0]!["payload"]!.GetValue<string>() : output)!;
}
