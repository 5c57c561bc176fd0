namespace Dray.Inference.Tokenization;

/// <summary>
/// Refuses conversations that mistral-common refuses (its validation mode <c>test</c>, which vLLM uses), in its order: structure,
/// contents, tools. Messages start with mistral-common's own, so that they can be searched for.
/// </summary>
internal sealed class ChatValidator(TekkenVersion version)
{
    private const int LongestFunctionName = 64;

    /// <summary>Checks a whole request.</summary>
    /// <exception cref="RequestRejectedException">Something is wrong; the message names it.</exception>
    public void Validate(ChatRequest request)
    {
        CheckStructure(request);
        for (var i = 0; i < request.Messages.Count; i++) CheckContent(request.Messages[i], $"messages[{i}]");
        for (var i = 0; i < request.Tools.Count; i++) CheckTool(request.Tools[i], $"tools[{i}].function");
        if (request.ReasoningEffort is { } effort)
        {
            throw Rejected(
                $"reasoning_effort='{effort}' is not supported for this model; leave the field out.", "reasoning_effort");
        }
    }

    private void CheckStructure(ChatRequest request)
    {
        var messages = request.Messages;
        if (messages.Count == 0) throw Rejected("Conversation must have at least one message.", "messages");
        if (messages.Count == 1 && messages[0].Role is not (ChatRole.User or ChatRole.System))
            throw Rejected("Conversation must start with a user message or system message.", "messages[0].role");
        if (messages.Count > 1 && messages[^1].Role == ChatRole.Assistant && !request.ContinueFinalMessage)
        {
            throw Rejected(
                "Expected last role User or Tool (or Assistant with prefix) for serving but got assistant; " +
                "set continue_final_message to go on with it.",
                $"messages[{messages.Count - 1}].role");
        }

        for (var i = 1; i < messages.Count; i++) CheckOrder(messages[i - 1].Role, messages[i].Role, $"messages[{i}].role");
        if (version >= TekkenVersion.V11) CheckCallIds(messages);
        else CheckCallCounts(messages);
    }

    private static void CheckOrder(ChatRole before, ChatRole role, string path)
    {
        var expected = before switch
        {
            ChatRole.System => role is ChatRole.User or ChatRole.Assistant or ChatRole.System,
            ChatRole.User => role is ChatRole.Assistant or ChatRole.System or ChatRole.User,
            ChatRole.Assistant => role is ChatRole.Assistant or ChatRole.User or ChatRole.Tool,
            _ => role is ChatRole.Assistant or ChatRole.Tool or ChatRole.User,
        };
        if (!expected) throw Rejected($"Unexpected role '{Name(role)}' after role '{Name(before)}'.", path);
    }

    /// <summary>Versions v11 and v13: every result answers a call of the turn before, once. The first message isn't looked at.</summary>
    private static void CheckCallIds(IReadOnlyList<ChatMessage> messages)
    {
        var called = new HashSet<string>(StringComparer.Ordinal);
        var answered = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 1; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message.Role == ChatRole.Tool)
            {
                var id = message.ToolCallId!;
                if (answered.Contains(id)) throw Rejected($"Duplicate tool call id {id} in tool results.", $"messages[{i}].tool_call_id");
                if (!called.Contains(id)) throw Rejected($"Unexpected tool call id {id} in tool results.", $"messages[{i}].tool_call_id");
                answered.Add(id);
            }
            else if (message.Role == ChatRole.Assistant)
            {
                if (called.Count != answered.Count)
                    throw Rejected("Not the same number of function calls and responses.", $"messages[{i}]");
                called.Clear();
                answered.Clear();
                foreach (var call in message.ToolCalls)
                {
                    if (!called.Add(call.Id))
                        throw Rejected($"Duplicate tool call id {call.Id} in assistant message.", $"messages[{i}].tool_calls");
                }
            }
        }
    }

    /// <summary>Versions v3 and v7 only count. The first message isn't looked at.</summary>
    private static void CheckCallCounts(IReadOnlyList<ChatMessage> messages)
    {
        var open = 0;
        for (var i = 1; i < messages.Count; i++)
        {
            if (messages[i].Role == ChatRole.Tool) open--;
            if (messages[i].Role != ChatRole.Assistant) continue;
            if (open != 0) throw Rejected("Not the same number of function calls and responses.", $"messages[{i}]");
            open = messages[i].ToolCalls.Count;
        }
    }

    private void CheckContent(ChatMessage message, string path)
    {
        switch (message.Role)
        {
            case ChatRole.System when version == TekkenVersion.V3:
                RefuseThinking(message, path);
                break;
            case ChatRole.Assistant:
                if (version < TekkenVersion.V11) RefuseThinking(message, path);
                if (version == TekkenVersion.V3 && message.Content.Any(HasText) == message.ToolCalls.Count > 0)
                    throw Rejected("Assistant message must have either content or tool_calls, but not both.", path);
                for (var i = 0; i < message.ToolCalls.Count; i++) CheckCall(message.ToolCalls[i], $"{path}.tool_calls[{i}]");
                break;
            case ChatRole.Tool:
                if (message.Content.Any(part => part is ImagePart))
                    throw Rejected("Unexpected content chunk types in tool message: ['ImageURLChunk']; send text.", $"{path}.content");
                if (message.Name is { } name && !IsFunctionName(name)) throw Rejected(BadFunctionName(name), $"{path}.name");
                if (!IsCallId(message.ToolCallId!)) throw Rejected(BadCallId(message.ToolCallId!), $"{path}.tool_call_id");
                break;
        }
    }

    private static bool HasText(ContentPart part) => part is not TextPart { Text.Length: 0 };

    private static void RefuseThinking(ChatMessage message, string path)
    {
        if (message.Content.Any(part => part is ThinkingPart))
        {
            throw Rejected(
                $"Unexpected content chunk types in {Name(message.Role)} message: ['ThinkChunk']; send text.", $"{path}.content");
        }
    }

    private static void CheckCall(ToolCall call, string path)
    {
        if (call.Id == "null")
        {
            throw Rejected(
                "Tool call id 'null' is only allowed for the last assistant message in finetuning mode. Give the id that the result names.",
                $"{path}.id");
        }

        if (!IsCallId(call.Id)) throw Rejected(BadCallId(call.Id), $"{path}.id");
        if (!IsFunctionName(call.Name)) throw Rejected(BadFunctionName(call.Name), $"{path}.function.name");
    }

    private static void CheckTool(ChatTool tool, string path)
    {
        if (ToolSchemaCheck.FirstError(tool.Parameters) is { } error)
            throw Rejected($"Invalid tool schema: {error}.", $"{path}.parameters");
        if (!IsFunctionName(tool.Name)) throw Rejected(BadFunctionName(tool.Name), $"{path}.name");
    }

    private static bool IsCallId(string id) => ToolCallIds.IsValid(id);

    private static bool IsFunctionName(string name) =>
        name.Length is > 0 and <= LongestFunctionName
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');

    private static string BadCallId(string id) => $"Tool call id was {id} but must be a-z, A-Z, 0-9, with a length of 9.";

    private static string BadFunctionName(string name) =>
        $"Function name was {name} but must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64.";

    private static string Name(ChatRole role) => role switch
    {
        ChatRole.System => "system",
        ChatRole.User => "user",
        ChatRole.Assistant => "assistant",
        _ => "tool",
    };

    private static RequestRejectedException Rejected(string message, string path) =>
        new(RequestErrorCodes.InvalidRequest, message, path);
}
