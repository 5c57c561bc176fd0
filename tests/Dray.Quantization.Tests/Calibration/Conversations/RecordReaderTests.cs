using System.Text;
using System.Text.RegularExpressions;
using Dray.Inference.Tokenization;
using Dray.Quantization.Calibration;
using Dray.Quantization.Calibration.Conversations;
using Dray.Quantization.Calibration.Records;

namespace Dray.Quantization.Tests.Calibration.Conversations;

/// <summary>What the model reads of each form of record, special tokens by name and ids of calls as <c>ID1</c>, <c>ID2</c>.</summary>
public sealed partial class RecordReaderTests
{
    private static readonly TekkenTokenizer Tokenizer =
        TekkenTokenizer.Load(Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo", "tekken.json"));

    [Theory]
    [InlineData("""  "a text \n " """, "a text")]
    [InlineData("""{"body": "a text"}""", "a text")]
    [InlineData("""{"text": "a text", "id": 3}""", "a text")]
    [InlineData("""{"input_ids": "a text", "id": 3}""", "a text")]
    [InlineData("""{"text": "a text", "instruction": "i", "output": "o"}""", "a text")]
    public void Read_ATextsForms_GiveTheText(string json, string expected) => RecordReader.Read(Json(json)).Text.ShouldBe(expected);

    [Theory]
    [InlineData("""{"instruction": "Add.", "input": "1, 2", "output": "3"}""", "[INST]Add.\n\n1, 2[/INST]3</s>")]
    [InlineData("""{"instruction": "Greet.", "input": "", "output": "Hi", "system": "Be kind."}""", "[SYSTEM_PROMPT]Be kind.[/SYSTEM_PROMPT][INST]Greet.[/INST]Hi</s>")]
    [InlineData("""{"input": "Greet.", "output": "Hi", "id": 3}""", "[INST]Greet.[/INST]Hi</s>")]
    [InlineData("""{"prompt": "Greet.", "completion": "Hi"}""", "[INST]Greet.[/INST]Hi</s>")]
    [InlineData("""{"question": "1+1?", "answer": "2"}""", "[INST]1+1?[/INST]2</s>")]
    public void Read_Pairs_AreAQuestionAndItsAnswer(string json, string expected) => Rendered(json).ShouldBe(expected);

    [Fact]
    public void Read_OpenAiMessages_AreRenderedToTheLastReply() => Rendered("""
        {"messages": [
            {"role": "system", "content": "Be kind."}, {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "call_abc", "type": "function", "function": {"name": "sky", "arguments": "{\"at\":\"Porto\"}"}},
                {"id": "call_def", "type": "function", "function": {"name": "sea", "arguments": {"at": "Porto"}}}]},
            {"role": "tool", "tool_call_id": "call_def", "content": "calm"}, {"role": "tool", "content": "clear"},
            {"role": "assistant", "content": "Clear and calm."}],
         "tools": [{"type": "function", "function": {"name": "sky", "description": "The sky.", "parameters": {"type": "object", "properties": {}}}}]}
        """).ShouldBe(
        "[SYSTEM_PROMPT]Be kind.[/SYSTEM_PROMPT]" +
        """[AVAILABLE_TOOLS][{"type": "function", "function": {"name": "sky", "description": "The sky.", "parameters": {"type": "object", "properties": {}}}}][/AVAILABLE_TOOLS]""" +
        """[INST]Weather?[/INST][TOOL_CALLS]sky[CALL_ID]ID1[ARGS]{"at": "Porto"}[TOOL_CALLS]sea[CALL_ID]ID2[ARGS]{"at": "Porto"}</s>""" +
        "[TOOL_RESULTS]ID1[TOOL_CONTENT]clear[/TOOL_RESULTS][TOOL_RESULTS]ID2[TOOL_CONTENT]calm[/TOOL_RESULTS]Clear and calm.</s>");

    [Fact]
    public void Read_ShareGpt_TurnsFunctionCallsIntoCalls() => Rendered("""
        {"system": "Look it up.", "tools": "[{\"name\": \"sky\", \"description\": \"\", \"parameters\": {\"type\": \"object\"}}]", "conversations": [
            {"from": "human", "value": "Weather?"}, {"from": "function_call", "value": "{\"name\": \"sky\", \"arguments\": {\"at\": \"Porto\"}}"},
            {"from": "observation", "value": "clear"}, {"from": "gpt", "value": "Clear."}]}
        """).ShouldBe(
        "[SYSTEM_PROMPT]Look it up.[/SYSTEM_PROMPT]" +
        """[AVAILABLE_TOOLS][{"type": "function", "function": {"name": "sky", "description": "", "parameters": {"type": "object"}}}][/AVAILABLE_TOOLS]""" +
        """[INST]Weather?[/INST][TOOL_CALLS]sky[CALL_ID]ID1[ARGS]{"at": "Porto"}</s>""" +
        "[TOOL_RESULTS]ID1[TOOL_CONTENT]clear[/TOOL_RESULTS]Clear.</s>");

    [Fact]
    public void Read_ShareGptWithHermesTags_FindsCallsAndResultsInTexts() => Rendered("""
        {"conversations": [
            {"from": "human", "value": "Weather?"},
            {"from": "gpt", "value": "I look.\n<tool_call>\n{\"arguments\": {\"at\": \"Porto\"}, \"name\": \"sky\"}\n</tool_call>\n<tool_call>\n{\"name\": \"sea\"}\n</tool_call>"},
            {"from": "tool", "value": "<tool_response>\nclear\n</tool_response>\n<tool_response>\ncalm\n</tool_response>"},
            {"from": "gpt", "value": "Clear and calm."}]}
        """).ShouldBe(
        """[INST]Weather?[/INST]I look.[TOOL_CALLS]sky[CALL_ID]ID1[ARGS]{"at": "Porto"}[TOOL_CALLS]sea[CALL_ID]ID2[ARGS]{}</s>""" +
        "[TOOL_RESULTS]ID1[TOOL_CONTENT]clear[/TOOL_RESULTS][TOOL_RESULTS]ID2[TOOL_CONTENT]calm[/TOOL_RESULTS]Clear and calm.</s>");

    [Fact]
    public void Read_Xlam_TurnsPythonTypesIntoASchema() => Rendered("""
        {"id": 1, "query": "Weather?", "answers": "[{\"name\": \"sky\", \"arguments\": {\"at\": \"Porto\"}}]",
         "tools": "[{\"name\": \"sky\", \"description\": \"d\", \"parameters\": {\"at\": {\"description\": \"p\", \"type\": \"str\"}, \"days\": {\"type\": \"List[int], optional\"}, \"type\": {\"type\": \"float\", \"default\": 1}}}]"}
        """).ShouldBe(
        "[AVAILABLE_TOOLS]" + """[{"type": "function", "function": {"name": "sky", "description": "d", "parameters": {"type": "object", "properties": """ +
        """{"at": {"description": "p", "type": "string"}, "days": {"type": "array"}, "type": {"type": "number", "default": 1}}, "required": ["at"]}}}]""" +
        """[/AVAILABLE_TOOLS][INST]Weather?[/INST][TOOL_CALLS]sky[CALL_ID]ID1[ARGS]{"at": "Porto"}</s>""");

    [Fact]
    public void Read_AConversationWithoutReply_EndsWhereTheModelWouldAnswer() =>
        Rendered("""{"conversations": [{"from": "human", "value": "Hi"}]}""").ShouldBe("[INST]Hi[/INST]");

    [Fact]
    public void Read_AConversationWithoutSystemPrompt_GetsTheSources()
    {
        var source = new DatasetSource { Path = "", SystemPrompt = "Be terse." };
        Rendered("""{"prompt": "Hi", "completion": "Hello"}""", source).ShouldBe("[SYSTEM_PROMPT]Be terse.[/SYSTEM_PROMPT][INST]Hi[/INST]Hello</s>");
        Rendered("""{"prompt": "Hi", "completion": "Hello", "system": "Be kind."}""", source).ShouldStartWith("[SYSTEM_PROMPT]Be kind.");
    }

    [Theory]
    [InlineData("{", "isn't JSON: ")]
    [InlineData("3", "is neither a string nor an object")]
    [InlineData("\"  \"", "is empty")]
    [InlineData("{}", "has none of the fields that are read")]
    [InlineData("""{"messages": []}""", "has no messages")]
    [InlineData("""{"messages": "x"}""", "has a field 'messages' that isn't JSON")]
    [InlineData("""{"messages": [{"role": "poet", "content": "x"}]}""", "is no conversation the model can have: Unknown message role: poet.")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "a.png"}]}]}""", "is no conversation the model can have: The request refers to 1 pictures")]
    [InlineData("""{"conversations": [{"from": "poet", "value": "x"}]}""", "has a turn from 'poet'; known are")]
    [InlineData("""{"conversations": ["x"]}""", "has a turn that isn't an object")]
    [InlineData("""{"conversations": [{"value": "x"}]}""", "has a turn without 'from'")]
    [InlineData("""{"conversations": [{"from": "gpt"}]}""", "has a turn of 'gpt' without 'value'")]
    [InlineData("""{"conversations": [{"from": "human", "value": "x"}, {"from": "observation", "value": "x"}]}""", "has a result that answers no call")]
    [InlineData("""{"conversations": [{"from": "human", "value": "x"}, {"from": "function_call", "value": "sky()"}]}""", "has a call that isn't JSON")]
    [InlineData("""{"query": "x", "answers": [{"arguments": {}}]}""", "has a call without 'name'")]
    [InlineData("""{"query": "x", "answers": ["sky"]}""", "has a call that isn't an object")]
    [InlineData("""{"query": "x", "answers": [{"name": "s"}], "tools": [{"description": "x"}]}""", "has a tool without 'name'")]
    [InlineData("""{"query": "x", "answers": [{"name": "s"}], "tools": [{"name": "s", "parameters": {"a": {"type": "str", "type": "int"}}}]}""", "has an object with the same name twice")]
    [InlineData("""{"messages": [{"role": "tool", "role": "user", "content": "x"}]}""", "has an object with the same name twice")]
    [InlineData("""{"query": "x", "answers": [{"name": "s"}], "tools": ["x"]}""", "has a tool that isn't an object")]
    public void Read_ABadRecord_SaysWhatIsWrong(string json, string expected) =>
        Should.Throw<RecordException>(() => Rendered(json)).Message.ShouldStartWith(expected);

    private static string Rendered(string json, DatasetSource? source = null)
    {
        var encoder = new ItemEncoder(Tokenizer, TextBoundaries.Default, source ?? new DatasetSource { Path = "" });
        var item = encoder.Encode(RecordReader.Read(Json(json)), seed: 0);
        var text = Tokenizer.Decode(item.Ids, SpecialTokenPolicy.Keep);
        var ids = new List<string>();
        return CallId().Replace(text, match =>
        {
            if (!ids.Contains(match.Value)) ids.Add(match.Value);
            return $"ID{ids.IndexOf(match.Value) + 1}";
        });
    }

    private static SourceRecord Json(string json) => new("a.jsonl", "line 1", Encoding.UTF8.GetBytes(json), IsJson: true);

    [GeneratedRegex(@"(?<=\[CALL_ID\]|\[TOOL_RESULTS\])[A-Za-z0-9]{9}")]
    private static partial Regex CallId();
}
