using System.Text.Json.Nodes;
using Dray.Cli.Tests.Deploy;

namespace Dray.Cli.Tests.Serve;

/// <summary>The samples that run a batch, against a live server on the demo model.</summary>
public sealed class BatchSampleTests(ServeFixture serve) : IClassFixture<ServeFixture>
{
    private static readonly string Folder = Path.Combine(SharedFolder.Repository, "samples", "clients");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Curl_Sample_PrintsTheAnswers()
    {
        var run = await RunAsync("bash", Path.Combine(Folder, "curl", "batch.sh"));

        run.Output.ShouldContain("\"custom_id\":\"sum\"");
        run.Output.ShouldContain("\"custom_id\":\"capital\"");
    }

    [Fact]
    public async Task Node_Sample_UsesAllOfFilesAndBatches()
    {
        RequiredServices.Demand(Directory.Exists(Path.Combine(Folder, "node", "node_modules", "openai")), "openai for Node");

        var told = JsonNode.Parse((await RunAsync("node", Path.Combine(Folder, "node", "batch.mjs"))).Output)!;

        told["file"]!["purpose"]!.GetValue<string>().ShouldBe("batch");
        told["rows"]!.AsArray().Select(row => row!.GetValue<string>()).ShouldBe(["sum", "capital"]);
        (told["status"]!.GetValue<string>(), told["inputIsTheFile"]!.GetValue<bool>()).ShouldBe(("completed", true));
        (told["isListed"]!.GetValue<bool>(), told["fileIsListed"]!.GetValue<bool>()).ShouldBe((true, true));
        (told["cancelled"]!.GetValue<string>(), told["deleted"]!.GetValue<bool>()).ShouldBe(("cancelled", true));
        told["errors"]!.ToJsonString().ShouldBe("""{"missingFile":"NotFoundError","missingBatch":"NotFoundError","wrongEndpoint":"BadRequestError:endpoint","wrongPurpose":"BadRequestError:purpose"}""");
    }

    private async Task<ProgramRun> RunAsync(string program, string file)
    {
        var run = await ProgramRun.OfAsync(program, [file], Token, ("OPENAI_BASE_URL", serve.Endpoint.ToString()), ("OPENAI_API_KEY", "none"));
        run.ExitCode.ShouldBe(0, run.Error);
        return run;
    }
}
