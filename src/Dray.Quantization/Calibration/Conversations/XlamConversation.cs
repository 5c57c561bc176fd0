using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>A request and the calls that answer it in xLAM's form: <c>query</c>, <c>tools</c> and <c>answers</c>.</summary>
internal static class XlamConversation
{
    public static ChatRequest Read(RecordFields record, string query, JsonElement answers) => new()
    {
        Messages =
        [
            ChatMessages.Of(ChatRole.User, query),
            new ChatMessage { Role = ChatRole.Assistant, ToolCalls = ToolCalls.Read(answers) },
        ],
        Tools = ToolDefinitions.Read(record.Json("tools")),
    };
}
