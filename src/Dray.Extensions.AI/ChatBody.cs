using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Dray.Extensions.AI;

/// <summary>A conversation of Microsoft.Extensions.AI as the body of an OpenAI chat completion, which engine and queue read alike.</summary>
internal static class ChatBody
{
    /// <summary>The body of a request; equal requests have equal bodies.</summary>
    /// <exception cref="NotSupportedException">Something in it can't be sent; the message says what.</exception>
    public static JsonElement From(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var written = new JsonArray();
        if (options?.Instructions is { Length: > 0 } instructions)
            written.Add(new JsonObject { ["role"] = "system", ["content"] = instructions });
        foreach (var message in messages.SelectMany(ChatBodyMessages.From)) written.Add(message);
        var body = new JsonObject { ["messages"] = written };
        if (options is not null) WriteOptions(body, options);
        return JsonSerializer.SerializeToElement(body, ChatJson.Options);
    }

    private static void WriteOptions(JsonObject body, ChatOptions options)
    {
        Set("model", options.ModelId);
        Set("temperature", options.Temperature);
        Set("top_p", options.TopP);
        Set("top_k", options.TopK);
        Set("max_tokens", options.MaxOutputTokens);
        Set("frequency_penalty", options.FrequencyPenalty);
        Set("presence_penalty", options.PresencePenalty);
        Set("seed", options.Seed);
        if (options.StopSequences is { Count: > 0 } stops) body["stop"] = new JsonArray([.. stops.Select(stop => JsonValue.Create(stop))]);
        if (options.ResponseFormat is ChatResponseFormatJson format) body["response_format"] = FormOf(format);
        if (options.Tools is { Count: > 0 } tools) WriteTools(body, tools, options);
        foreach (var (name, value) in options.AdditionalProperties ?? []) WriteOther(body, name, value);

        void Set<T>(string name, T value)
        {
            if (value is not null) body[name] = JsonValue.Create(value);
        }
    }

    private static JsonObject FormOf(ChatResponseFormatJson format)
    {
        if (format.Schema is not { } schema) return new JsonObject { ["type"] = "json_object" };
        var described = new JsonObject { ["name"] = format.SchemaName ?? "answer", ["schema"] = JsonSerializer.SerializeToNode(schema) };
        return new JsonObject { ["type"] = "json_schema", ["json_schema"] = described };
    }

    private static void WriteTools(JsonObject body, IEnumerable<AITool> tools, ChatOptions options)
    {
        body["tools"] = new JsonArray([.. tools.Select(ToolOf)]);
        if (options.ToolMode is NoneChatToolMode) body["tool_choice"] = "none";
        if (options.ToolMode is RequiredChatToolMode required)
        {
            body["tool_choice"] = required.RequiredFunctionName is { } name
                ? new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name } }
                : "required";
        }

        if (options.AllowMultipleToolCalls is { } allowed) body["parallel_tool_calls"] = allowed;
    }

    private static JsonObject ToolOf(AITool tool)
    {
        if (tool is not AIFunctionDeclaration declared)
            throw new NotSupportedException($"The tool '{tool.Name}' is a {tool.GetType().Name}, which the model's host would have to run; offer functions instead.");
        var function = new JsonObject
        {
            ["name"] = declared.Name,
            ["description"] = declared.Description,
            ["parameters"] = JsonSerializer.SerializeToNode(declared.JsonSchema),
        };
        if (declared.AdditionalProperties.TryGetValue("strict", out var strict) && strict is bool isStrict) function["strict"] = isStrict;
        return new JsonObject { ["type"] = "function", ["function"] = function };
    }

    private static void WriteOther(JsonObject body, string name, object? value)
    {
        if (name is "n" or "stream" || body.ContainsKey(name))
            throw new NotSupportedException($"The additional property '{name}' of the options can't be sent: {(body.ContainsKey(name) ? "another option says the same" : "a chat client gives one answer, and streams by a method of its own")}; leave it out.");
        body[name] = JsonSerializer.SerializeToNode(value, ChatJson.Options);
    }
}
