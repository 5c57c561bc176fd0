using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Execution;

public sealed class EngineLoopTests
{
    /// <summary>A request that can't be sampled fails by itself; those in the same step get the answers they would get alone.</summary>
    [Fact]
    public async Task Step_OneRequestCannotBeSampled_OnlyItFails()
    {
        await using var engine = DemoEngine.Load();
        var everyToken = Enumerable.Range(0, 4096).ToDictionary(id => id, _ => float.NegativeInfinity);
        var hopeless = DemoEngine.Text("Hello", sampling => sampling with { LogitBias = everyToken, N = 2 });
        var good = DemoEngine.Text("What is 2+2? One word.");

        var doomed = engine.AnswerAsync(hopeless);
        var answers = await Task.WhenAll(engine.AnswerAsync(good), engine.AnswerAsync(good with { Chat = Chat("What is 2+3? One word.") }));

        (await Should.ThrowAsync<InvalidOperationException>(() => doomed)).Message.ShouldContain("ruled out");
        answers.Select(answer => answer.Choices[0].Content).ShouldBe(["Four", "Five"]);
    }

    private static ChatRequest Chat(string content) => ChatRequest.Parse(JsonSerializer.SerializeToElement(new { messages = new[] { new { role = "user", content } } }));
}
