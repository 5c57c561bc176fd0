using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class ToolCallConformanceTests
{
    [Fact]
    public void Parse_EveryGoldenAnswer_GivesItsCalls()
    {
        var parser = new ToolCallParser(Tokenizers.Full);
        foreach (var row in GoldenFile.Rows("chat", "tool_parse.jsonl"))
        {
            var name = row.GetProperty("name").GetString();
            var expected = row.GetProperty("expected");

            var answer = parser.Parse(row.GetProperty("ids").Ints(), new Random(1));

            answer.Content.ShouldBe(expected.GetProperty("content").GetString(), name);
            answer.CallsTools.ShouldBe(expected.GetProperty("finish_reason").GetString() == "tool_calls", name);
            answer.ToolCalls.Select(call => (call.Name, call.Arguments)).ShouldBe(
                expected.GetProperty("tool_calls").EnumerateArray()
                    .Select(call => (call.GetProperty("name").GetString()!, call.GetProperty("arguments").GetString()!)),
                name);
            foreach (var (call, wanted) in answer.ToolCalls.Zip(expected.GetProperty("tool_calls").EnumerateArray()))
            {
                if (wanted.GetProperty("id").ValueKind == JsonValueKind.Null) ToolCallIds.IsValid(call.Id).ShouldBeTrue(name);
                else call.Id.ShouldBe(wanted.GetProperty("id").GetString(), name);
            }
        }
    }
}
