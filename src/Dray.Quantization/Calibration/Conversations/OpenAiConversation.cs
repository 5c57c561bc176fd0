using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>A conversation as OpenAI's fine-tuning files have it: <c>messages</c> and <c>tools</c> of a chat-completion body.</summary>
internal static class OpenAiConversation
{
    public static ChatRequest Read(RecordFields record, JsonElement messages)
    {
        var list = JsonArray.Create(messages)!;
        // Which call a result answers is found out later where the data doesn't say.
        foreach (var message in list.OfType<JsonObject>().Where(message => message["role"]?.ToString() == "tool"))
            message.TryAdd("tool_call_id", "");
        var body = JsonSerializer.SerializeToElement(new JsonObject { ["messages"] = list });
        return ChatRequest.Parse(body) with { Tools = ToolDefinitions.Read(record.Json("tools")) };
    }
}
