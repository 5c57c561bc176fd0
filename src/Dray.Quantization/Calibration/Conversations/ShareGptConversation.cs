using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>
/// A conversation in ShareGPT's form: <c>conversations</c> of turns with <c>from</c> (<c>system</c>, <c>human</c>, <c>gpt</c>,
/// <c>function_call</c>, <c>observation</c>) and <c>value</c>, beside them <c>tools</c> and <c>system</c>. Calls may also be in the text
/// of <c>gpt</c>, see <see cref="HermesTags"/>.
/// </summary>
internal static class ShareGptConversation
{
    public static ChatRequest Read(RecordFields record, JsonElement turns) => new()
    {
        Messages = [.. ChatMessages.System(record.Text("system")), .. turns.EnumerateArray().SelectMany(Messages)],
        Tools = ToolDefinitions.Read(record.Json("tools")),
    };

    private static IEnumerable<ChatMessage> Messages(JsonElement turn)
    {
        if (turn.ValueKind != JsonValueKind.Object) throw new RecordException("has a turn that isn't an object");
        var fields = new RecordFields(turn);
        var from = fields.Text("from") ?? fields.Text("role") ?? throw new RecordException("has a turn without 'from'");
        var value = fields.Text("value") ?? fields.Text("content") ?? throw new RecordException($"has a turn of '{from}' without 'value'");
        return from switch
        {
            "system" => [ChatMessages.Of(ChatRole.System, value)],
            "human" or "user" => [ChatMessages.Of(ChatRole.User, value)],
            "gpt" or "assistant" or "model" => [HermesTags.Reply(value)],
            "function_call" => [new ChatMessage { Role = ChatRole.Assistant, ToolCalls = ToolCalls.Read(ToolCalls.Parse(value)) }],
            "observation" or "tool" or "function_response" => HermesTags.Results(value),
            _ => throw new RecordException(
                $"has a turn from '{from}'; known are system, human, user, gpt, assistant, model, function_call, observation, tool and function_response"),
        };
    }
}
