using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>
/// Gives calls the ids that the chat format asks for. Data sets have none, or other ones; a result then answers the call that has
/// its id, or else the first call that has no result yet.
/// </summary>
internal static class CallIds
{
    /// <summary>A conversation with ids in it, the same ones for the same <paramref name="seed"/>.</summary>
    public static ChatRequest Renew(ChatRequest chat, int seed)
    {
        if (!chat.Messages.Any(message => message.ToolCalls.Count > 0 || message.Role == ChatRole.Tool)) return chat;
        var random = new Random(seed);
        var messages = new List<ChatMessage>(chat.Messages.Count);
        var open = new List<(string Before, string After)>();
        foreach (var message in chat.Messages)
        {
            if (message.Role == ChatRole.Tool)
            {
                if (open.Count == 0) throw new RecordException("has a result that answers no call");
                var call = Math.Max(0, open.FindIndex(ids => ids.Before == message.ToolCallId));
                messages.Add(message with { ToolCallId = open[call].After });
                open.RemoveAt(call);
                continue;
            }

            var calls = message.ToolCalls.Select(call => call with { Id = ToolCallIds.Next(random) }).ToArray();
            if (calls.Length > 0) open = [.. message.ToolCalls.Zip(calls, (before, after) => (before.Id, after.Id))];
            messages.Add(message with { ToolCalls = calls });
        }

        return chat with { Messages = messages };
    }
}
