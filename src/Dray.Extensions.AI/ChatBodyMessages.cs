using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Dray.Extensions.AI;

/// <summary>Messages of Microsoft.Extensions.AI as those of a chat-completion body.</summary>
internal static class ChatBodyMessages
{
    /// <summary>What one message becomes: a message for each tool's result, and one for all the rest.</summary>
    /// <exception cref="NotSupportedException">It holds something that the model can't be shown.</exception>
    public static IEnumerable<JsonObject> From(ChatMessage message)
    {
        foreach (var result in message.Contents.OfType<FunctionResultContent>())
            yield return new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.CallId, ["content"] = ResultOf(result) };

        var calls = message.Contents.OfType<FunctionCallContent>().Select(CallOf).ToArray();
        var parts = message.Contents.Select(PartOf).OfType<JsonObject>().ToArray();
        if (calls.Length == 0 && parts.Length == 0 && message.Contents.Any(content => content is FunctionResultContent)) yield break;
        var written = new JsonObject { ["role"] = message.Role.Value };
        if (parts.Length > 0 || calls.Length == 0) written["content"] = ContentOf(parts);
        if (calls.Length > 0) written["tool_calls"] = new JsonArray(calls);
        yield return written;
    }

    private static JsonNode ContentOf(JsonObject[] parts) => parts switch
    {
        [] => "",
        [var only] when only["text"] is { } text => text.DeepClone(),
        _ => new JsonArray(parts),
    };

    private static JsonObject? PartOf(AIContent content) => content switch
    {
        TextContent text => TextPart(text.Text),
        DataContent data when data.HasTopLevelMediaType("image") => PicturePart(data.Uri),
        UriContent uri when uri.HasTopLevelMediaType("image") => PicturePart(uri.Uri.OriginalString),

        // Calls and results are written elsewhere; what is left is what an answer says of itself, when it comes back as history.
        FunctionCallContent or FunctionResultContent or TextReasoningContent or UsageContent or ErrorContent => null,
        DataContent data => throw Refuse($"data of type {data.MediaType}"),
        UriContent uri => throw Refuse($"a URI of type {uri.MediaType}"),
        _ => throw Refuse($"a {content.GetType().Name}"),
    };

    private static NotSupportedException Refuse(string what) =>
        new($"A message holds {what}, which the model can't be shown; send text, or a picture as data of type image/*.");

    private static JsonObject TextPart(string text) => new() { ["type"] = "text", ["text"] = text };

    private static JsonObject PicturePart(string url) => new() { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = url } };

    private static JsonNode CallOf(FunctionCallContent call) => new JsonObject
    {
        ["id"] = call.CallId,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), ChatJson.Options) },
    };

    private static JsonNode ResultOf(FunctionResultContent result) => result.Result switch
    {
        null => result.Exception is { } failure ? $"Error: {failure.Message}" : "",
        string text => text,
        AIContent content when PartOf(content) is { } part => ContentOf([part]),
        IEnumerable<AIContent> contents => ContentOf([.. contents.Select(PartOf).OfType<JsonObject>()]),
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        var other => JsonSerializer.Serialize(other, ChatJson.Options),
    };
}
