using System.Text.Json;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Turns a chat-completion body into a <see cref="ChatRequest"/>, taking and refusing what mistral-common's <c>from_openai</c>
/// takes and refuses. Where it has a message of its own, ours starts with it.
/// </summary>
internal static class ChatRequestReader
{
    private const int MaxMessages = 10_000;
    private const int MaxParts = 10_000;
    private const int MaxTools = 1_024;
    private const int MaxToolCalls = 1_024;
    private const int CallIdLength = 9;

    public static ChatRequest Read(JsonElement body)
    {
        try
        {
            return Read(new RequestField(body, ""));
        }
        catch (InvalidOperationException exception)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest, "The request has a name or text that isn't valid Unicode.", null, exception);
        }
    }

    private static ChatRequest Read(RequestField body)
    {
        if (body.Value.ValueKind != JsonValueKind.Object)
            throw body.Rejected($"The request must be a JSON object with 'messages' but is {body.Kind}.");

        var messages = ReadMessages(body["messages"]);
        var tools = ReadTools(body["tools"]);
        CheckToolChoice(body["tool_choice"]);
        var continues = body["continue_final_message"].Flag(false);
        if (continues && messages.Length > 0 && messages[^1].Role != ChatRole.Assistant)
        {
            throw body["continue_final_message"].Rejected(
                "continue_final_message=True requires final message to be an assistant.");
        }

        return new ChatRequest
        {
            Messages = messages,
            Tools = tools,
            ContinueFinalMessage = continues,
            ReasoningEffort = body["reasoning_effort"].OptionalText("none, minimal, low, medium or high"),
            ImageUrls = [.. messages.SelectMany(message => message.Content).OfType<ImagePart>().Select(image => image.Url)],
        };
    }

    private static ChatMessage[] ReadMessages(RequestField field)
    {
        var messages = new ChatMessage[field.Count("messages", MaxMessages)];
        for (var i = 0; i < messages.Length; i++) messages[i] = ReadMessage(field[i].Object("a message"));
        return messages;
    }

    private static ChatMessage ReadMessage(RequestField message)
    {
        var role = message["role"];
        switch (role.HasValue ? role.Text("a role") : null)
        {
            case "system" or "developer":
                return new ChatMessage { Role = ChatRole.System, Content = ReadContent(message, ChatRole.System) };
            case "user":
                return new ChatMessage { Role = ChatRole.User, Content = ReadContent(message, ChatRole.User) };
            case "assistant":
                return ReadAssistant(message);
            case "tool":
                return new ChatMessage
                {
                    Role = ChatRole.Tool,
                    Content = ReadContent(message, ChatRole.Tool),
                    ToolCallId = LastCharacters(message["tool_call_id"].Text("the id of the call that this message answers")),
                    Name = message["name"].OptionalText("the tool's name"),
                };
            case var other:
                throw role.Rejected(
                    $"Unknown message role: {other ?? "None"}. It must be system, developer, user, assistant or tool.");
        }
    }

    private static ChatMessage ReadAssistant(RequestField message)
    {
        var content = ReadContent(message, ChatRole.Assistant);
        var reasoning = message["reasoning"].OptionalText("the model's reasoning");
        var reasoningContent = message["reasoning_content"].OptionalText("the model's reasoning");
        if (reasoning is not null && reasoningContent is not null && reasoning != reasoningContent)
            throw message["reasoning"].Rejected("`reasoning_content` and `reasoning` should be equal.");
        if ((reasoning ?? reasoningContent) is { } thinking)
        {
            if (content.Any(part => part is ThinkingPart))
            {
                throw message["reasoning"].Rejected(
                    "Message cannot have both thinking chunks in content and a top-level `reasoning` or `reasoning_content` field.");
            }

            content = [new ThinkingPart(thinking, Closed: true), .. content];
        }

        var calls = message["tool_calls"];
        var toolCalls = calls.HasValue ? new ToolCall[calls.Count("tool calls", MaxToolCalls)] : [];
        for (var i = 0; i < toolCalls.Length; i++) toolCalls[i] = ReadToolCall(calls[i].Object("a tool call"));
        return new ChatMessage { Role = ChatRole.Assistant, Content = content, ToolCalls = toolCalls };
    }

    private static ToolCall ReadToolCall(RequestField call)
    {
        CheckToolType(call["type"]);
        var id = call["id"];
        if (id.Value.ValueKind == JsonValueKind.Null)
            throw id.Rejected($"'{id.Path}' is null; leave it out, or give nine letters and digits.");
        var function = call["function"].Object("the function called");
        var arguments = function["arguments"];
        var text = arguments.Value.ValueKind switch
        {
            JsonValueKind.String => JsonText.Read(arguments.Value),
            JsonValueKind.Object => arguments.Value.GetRawText(),
            JsonValueKind.Null => "{}",
            _ => throw arguments.Rejected($"'{arguments.Path}' must be JSON in a string, an object, or null, but is {arguments.Kind}."),
        };
        return new ToolCall(
            id.HasValue ? LastCharacters(id.Text("the call's id")) : "null", function["name"].Text("the function's name"), text);
    }

    private static ContentPart[] ReadContent(RequestField message, ChatRole role)
    {
        var content = message["content"];
        switch (content.Value.ValueKind)
        {
            case JsonValueKind.String:
                return [new TextPart(JsonText.Read(content.Value))];
            case JsonValueKind.Null or JsonValueKind.Undefined when role == ChatRole.Assistant:
                return [];
            case JsonValueKind.Array:
                var parts = new ContentPart[content.Count("content parts", MaxParts)];
                for (var i = 0; i < parts.Length; i++) parts[i] = ReadPart(content[i].Object("a content part"), role);
                return parts;
            default:
                throw content.Rejected($"'{content.Path}' must be a string or a list of content parts but is {content.Kind}.");
        }
    }

    private static ContentPart ReadPart(RequestField part, ChatRole role)
    {
        var type = part["type"];
        if (!type.HasValue) throw type.Rejected("Content chunk must have a type field.");
        var name = type.Text("the kind of content");
        ContentPart read = name switch
        {
            "text" => new TextPart(part["text"].Text("the text")),
            "image_url" => new ImagePart(ReadImageUrl(part["image_url"])),
            "thinking" => new ThinkingPart(part["thinking"].Text("the model's reasoning"), part["closed"].Flag(true)),
            "input_audio" or "audio_url" => throw type.Rejected($"'{name}' content isn't supported: send text or image_url."),
            _ => throw type.Rejected($"'{name}' is not a valid ChunkTypes: it must be text or image_url."),
        };
        var allowed = read switch
        {
            ImagePart => role is ChatRole.User or ChatRole.Tool,
            ThinkingPart => role is ChatRole.System or ChatRole.Assistant,
            _ => true,
        };
        if (allowed) return read;
        var speaker = role switch { ChatRole.System => "system", ChatRole.User => "user", ChatRole.Tool => "tool", _ => "assistant" };
        throw type.Rejected($"'{name}' content can't be used in a message of role '{speaker}'; send text.");
    }

    private static string ReadImageUrl(RequestField image) => image.Value.ValueKind == JsonValueKind.String
        ? image.Text("a URL")
        : image.Object("a picture's URL")["url"].Text("a picture's URL");

    private static ChatTool[] ReadTools(RequestField field)
    {
        if (!field.HasValue) return [];
        var tools = new ChatTool[field.Count("tools", MaxTools)];
        for (var i = 0; i < tools.Length; i++)
        {
            var tool = field[i].Object("a tool");
            CheckToolType(tool["type"]);
            var function = tool["function"].Object("a function");
            var parameters = function["parameters"];
            tools[i] = new ChatTool(
                function["name"].Text("the function's name"),
                function["description"].OptionalText("a description") ?? "",
                parameters.HasValue ? parameters.Object("a JSON schema").Value.Clone() : EmptyObject);
        }

        return tools;
    }

    private static JsonElement EmptyObject { get; } = JsonElement.Parse("{}");

    private static void CheckToolType(RequestField type)
    {
        if (type.Value.ValueKind == JsonValueKind.Undefined) return;
        if (type.Text("the text 'function'") is not "function" and var other)
            throw type.Rejected($"'{type.Path}' is '{other}'; only 'function' is supported.");
    }

    private static void CheckToolChoice(RequestField choice)
    {
        switch (choice.Value.ValueKind)
        {
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return;
            case JsonValueKind.Object:
                CheckToolType(choice["type"]);
                choice["function"].Object("the function to call")["name"].Text("the function's name");
                return;
            default:
                if (choice.Text("auto, none, any, required, or an object that names a function") is "auto" or "none" or "any" or "required")
                    return;
                throw choice.Rejected(
                    $"'tool_choice' is '{JsonText.Read(choice.Value)}'; it must be auto, none, any, required, " +
                    "or an object that names a function.");
        }
    }

    /// <summary>vLLM hands mistral-common only the last nine characters of longer ids, OpenAI's <c>call_...</c> among them.</summary>
    private static string LastCharacters(string id) => id.Length > CallIdLength ? id[^CallIdLength..] : id;
}
