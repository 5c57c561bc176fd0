using System.Text.Json.Nodes;
using Dray.Cli.Tests.Deploy;

namespace Dray.Cli.Tests.Serve;

[Collection(ServeFixture.Group)]
public sealed class SampleClientTests(ServeFixture serve)
{
    private const string Seed =
        """{"model":"mistral-small-3.2-24b-Instruct-AWQ-W4A16","messages":[{"role":"user","content":"What is 2+2? One word."}],"max_tokens":10}""";

    private static readonly string Folder = Path.Combine(SharedFolder.Repository, "samples", "clients");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ChatCompletions_AskedByCurl_AreAnswered()
    {
        var url = new Uri(serve.Address, "v1/chat/completions").ToString();

        var run = await ProgramRun.OfAsync("curl", [url, "-sS", "-H", "Content-Type: application/json", "-d", Seed], Token);

        run.ExitCode.ShouldBe(0, run.Error);
        var answer = JsonNode.Parse(run.Output)!;
        answer["object"]!.GetValue<string>().ShouldBe("chat.completion");
        answer["model"]!.GetValue<string>().ShouldBe("dray-demo");
        answer["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldNotBeEmpty();
        answer["usage"]!["completion_tokens"]!.GetValue<int>().ShouldBeInRange(1, 10);
    }

    [Fact]
    public async Task Curl_Sample_GetsAnAnswerAndAStream()
    {
        var run = await RunAsync("bash", Path.Combine(Folder, "curl", "client.sh"));

        run.Output.ShouldContain("\"chat.completion\"");
        run.Output.ShouldContain("data: [DONE]");
    }

    [Fact]
    public async Task Python_Sample_PrintsAnAnswer() => (await RunAsync("python3", Path.Combine(Folder, "python", "client.py"))).Output.Trim().ShouldNotBeEmpty();

    [Fact]
    public async Task CSharp_Sample_PrintsAnAnswer()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

        (await RunAsync("dotnet", Path.Combine(Folder, "csharp", "bin", configuration, "net10.0", "client.dll"))).Output.Trim().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Node_Sample_UsesAllOfTheInterface()
    {
        RequiredServices.Demand(Directory.Exists(Path.Combine(Folder, "node", "node_modules", "openai")), "openai for Node");

        var told = JsonNode.Parse((await RunAsync("node", Path.Combine(Folder, "node", "client.mjs"))).Output)!;

        told["streamed"]!.GetValue<string>().ShouldBe(told["whole"]!.GetValue<string>());
        told["usage"]!["completion_tokens"]!.GetValue<int>().ShouldBeInRange(1, 10);
        told["finishReason"]!.GetValue<string>().ShouldBe("tool_calls");
        told["call"]!["name"]!.GetValue<string>().ShouldBe("set_timer");
        JsonNode.Parse(told["call"]!["arguments"]!.GetValue<string>())!["minutes"].ShouldNotBeNull();
        told["streamedCall"]!.ToJsonString().ShouldBe(told["call"]!.ToJsonString());
        told["caption"]!.GetValue<string>().ShouldContain("invoice", Case.Insensitive);
        var errors = told["errors"]!;
        (Text(errors["badRequest"]!, "kind"), Text(errors["badRequest"]!, "param")).ShouldBe(("BadRequestError", "temperature"));
        (Text(errors["unknownParameter"]!, "kind"), Text(errors["unknownParameter"]!, "param")).ShouldBe(("BadRequestError", "temprature"));
        (Text(errors["unknownModel"]!, "kind"), Text(errors["unknownModel"]!, "code")).ShouldBe(("NotFoundError", "model_not_found"));
    }

    private static string Text(JsonNode error, string name) => error[name]!.GetValue<string>();

    private async Task<ProgramRun> RunAsync(string program, string file)
    {
        var run = await ProgramRun.OfAsync(program, [file], Token, ("OPENAI_BASE_URL", serve.Endpoint.ToString()), ("OPENAI_API_KEY", "none"));
        run.ExitCode.ShouldBe(0, run.Error);
        return run;
    }
}
