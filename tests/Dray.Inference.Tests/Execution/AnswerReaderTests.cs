using Dray.Inference.Execution;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Execution;

public sealed class AnswerReaderTests
{
    private static readonly TekkenTokenizer Tokenizer = TekkenTokenizer.Load(Path.Combine(DemoEngine.Folder, "tekken.json"));

    private static readonly (int Call, int Args) Specials = (Tokenizer.Special("[TOOL_CALLS]"), Tokenizer.Special("[ARGS]"));

    [Fact]
    public void Read_TextBeforeTwoCalls_GivesAllThree()
    {
        var choice = Read([.. Tokenizer.Encode("Sure."), .. Call("set_timer", "{\"minutes\": 6}"), .. Call("stop", "{}"), Tokenizer.Eos]);

        (choice.Content, choice.FinishReason, choice.HasMalformedToolCalls).ShouldBe(("Sure.", FinishReason.ToolCalls, false));
        choice.ToolCalls.Select(call => (call.Name, call.Arguments)).ShouldBe([("set_timer", "{\"minutes\": 6}"), ("stop", "{}")]);
        choice.ToolCalls.ShouldAllBe(call => call.Id.Length == 9);
    }

    [Theory]
    [InlineData("set_timer", "{\"minutes\": ")]
    [InlineData("set_timer", "[6]")]
    [InlineData("set_timer", "")]
    [InlineData("", "{}")]
    public void Read_MalformedCall_ComesBackAsFlaggedText(string name, string arguments)
    {
        var choice = Read([.. Call(name, arguments), .. Call("stop", "{}"), Tokenizer.Eos]);

        (choice.Content, choice.HasMalformedToolCalls).ShouldBe(($"[TOOL_CALLS]{name}[ARGS]{arguments}", true));
        choice.ToolCalls.Single().Name.ShouldBe("stop");
    }

    [Fact]
    public void Read_OnlyAMalformedCall_IsAnAnswerInText() =>
        Read([.. Call("set_timer", "{"), Tokenizer.Eos]).FinishReason.ShouldBe(FinishReason.Stop);

    private static int[] Call(string name, string arguments) => [Specials.Call, .. Tokenizer.Encode(name), Specials.Args, .. Tokenizer.Encode(arguments)];

    private static GenerationChoice Read(int[] ids) => new AnswerReader(Tokenizer).Read(ids, FinishReason.Stop, new Random(1));
}
