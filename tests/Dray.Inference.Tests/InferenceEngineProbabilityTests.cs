namespace Dray.Inference.Tests;

public sealed class InferenceEngineProbabilityTests
{
    [Fact]
    public async Task GenerateAsync_LogProbs_DescribeEveryTokenOfTheAnswer()
    {
        await using var engine = DemoEngine.Load();

        var result = await engine.AnswerAsync(DemoEngine.Text("What is 2+2? One word.", sampling => sampling with { LogProbs = 3 }));

        var tokens = result.Choices[0].LogProbs.ShouldNotBeNull();
        tokens.Count.ShouldBe(result.CompletionTokens);
        string.Concat(tokens.SkipLast(1).Select(token => token.Text)).ShouldBe("Four");
        tokens[^1].Text.ShouldBe("</s>");
        foreach (var token in tokens)
        {
            token.Top.Count.ShouldBe(3);
            token.Top[0].Id.ShouldBe(token.Id, "greedy takes the most probable");
            token.Top.Select(other => other.LogProb).ShouldBeInOrder(SortDirection.Descending);
            token.LogProb.ShouldBeInRange(-5, 0);
        }
    }

    [Fact]
    public async Task GenerateAsync_PromptLogProbs_AreTheSameInOnePassAndInChunks()
    {
        var request = DemoEngine.Text(
            "A letter to Alice Keller from Nina Novak, dated 2020-05-17.", sampling => sampling with { PromptLogProbs = 2, MaxTokens = 1, N = 2 });
        var probabilities = new List<float[]>();
        foreach (var budget in new[] { 8192, 16 })
        {
            await using var engine = DemoEngine.Load(new EngineOptions { MaxModelLen = 4096, MaxNumBatchedTokens = budget });
            await engine.AnswerAsync(request);
            var result = await engine.AnswerAsync(request);
            var prompt = result.PromptLogProbs.ShouldNotBeNull();
            prompt.Count.ShouldBe(result.PromptTokens - 1);
            prompt[0].Text.ShouldBe("[INST]");
            prompt.ShouldAllBe(token => token.Top.Count == 2);
            probabilities.Add([.. prompt.Select(token => token.LogProb)]);
        }

        probabilities[1].ShouldBe(probabilities[0]);
    }
}
