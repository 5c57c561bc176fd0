using System.Text.Json.Nodes;
using Dray.Cli.Tests.Deploy;

namespace Dray.Cli.Tests.Serve;

public sealed class CurlTests(ServeFixture serve) : IClassFixture<ServeFixture>
{
    private const string Body =
        """{"model":"mistral-small-3.2-24b-Instruct-AWQ-W4A16","messages":[{"role":"user","content":"What is 2+2? One word."}],"max_tokens":10}""";

    [Fact]
    public async Task ChatCompletions_AskedByCurl_AreAnswered()
    {
        var run = await ProgramRun.OfAsync(
            "curl", [new Uri(serve.Address, "v1/chat/completions").ToString(), "-sS", "-H", "Content-Type: application/json", "-d", Body], TestContext.Current.CancellationToken);

        run.ExitCode.ShouldBe(0, run.Error);
        var answer = JsonNode.Parse(run.Output)!;
        answer["object"]!.GetValue<string>().ShouldBe("chat.completion");
        answer["model"]!.GetValue<string>().ShouldBe("dray-demo");
        answer["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldNotBeEmpty();
        answer["usage"]!["completion_tokens"]!.GetValue<int>().ShouldBeInRange(1, 10);
    }
}
