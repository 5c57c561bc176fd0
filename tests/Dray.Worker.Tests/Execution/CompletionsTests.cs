using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Execution;

namespace Dray.Worker.Tests.Execution;

public sealed class CompletionsTests
{
    private static readonly TokenProbability Token = new(5, "é", new byte[] { 0xC3, 0xA9 }, -0.5f, [new TokenProbability(7, "e", "e"u8.ToArray(), -1f, [])]);

    [Fact]
    public void From_ProbabilitiesAskedFor_AreOpenAisFields()
    {
        var choice = new GenerationChoice("é", [], FinishReason.Stop) { LogProbs = [Token] };

        var json = Json(new GenerationResult([choice], 2, 1) { PromptLogProbs = [Token] });

        var content = json.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content")[0];
        content.GetRawText().ShouldBe("""{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"e","logprob":-1,"bytes":[101]}]}""");
        json.GetProperty("prompt_logprobs")[0].ValueKind.ShouldBe(JsonValueKind.Null);
        json.GetProperty("prompt_logprobs")[1].GetRawText().ShouldBe(content.GetRawText());
    }

    [Fact]
    public void From_PlainAnswer_HasNoneOfThem()
    {
        var json = Json(new GenerationResult([new GenerationChoice("Four", [], FinishReason.Stop)], 2, 1));

        json.GetProperty("choices")[0].GetProperty("logprobs").ValueKind.ShouldBe(JsonValueKind.Null);
        json.TryGetProperty("prompt_logprobs", out _).ShouldBeFalse();
        json.GetProperty("choices")[0].TryGetProperty("malformed_tool_calls", out _).ShouldBeFalse();
    }

    [Fact]
    public void From_MalformedCall_IsFlagged() =>
        Json(new GenerationResult([new GenerationChoice("[TOOL_CALLS]x", [], FinishReason.Stop) { HasMalformedToolCalls = true }], 2, 1))
            .GetProperty("choices")[0].GetProperty("malformed_tool_calls").GetBoolean().ShouldBeTrue();

    private static JsonElement Json(GenerationResult result) =>
        JsonSerializer.SerializeToElement(Completions.From(result, "m", RequestIdentity.OfRow("batch_1", 1, 0)), ContractsJson.Options);
}
