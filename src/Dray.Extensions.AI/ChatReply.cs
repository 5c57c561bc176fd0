using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Dray.Extensions.AI;

/// <summary>Answers of engine and queue in the words of Microsoft.Extensions.AI.</summary>
internal static class ChatReply
{
    /// <summary>A piece of an answer that the engine streams.</summary>
    public static ChatResponseUpdate From(GenerationUpdate update, string responseId, string model, DateTimeOffset created)
    {
        var contents = new List<AIContent>();
        if (update.Text.Length > 0) contents.Add(new TextContent(update.Text));
        contents.AddRange(update.ToolCalls.Select(call => CallOf(call.Id, call.Name, call.Arguments)));
        if (update.Result is { } result) contents.Add(new UsageContent(UsageOf(result.PromptTokens, result.CompletionTokens)));
        return new ChatResponseUpdate(ChatRole.Assistant, contents)
        {
            ResponseId = responseId,
            MessageId = responseId,
            ModelId = model,
            CreatedAt = created,
            FinishReason = update.FinishReason switch
            {
                null => null,
                FinishReason.Length => ChatFinishReason.Length,
                FinishReason.ToolCalls => ChatFinishReason.ToolCalls,
                _ => ChatFinishReason.Stop,
            },
            RawRepresentation = update,
        };
    }

    /// <summary>An answer that a worker wrote.</summary>
    public static ChatResponse From(ChatCompletion completion)
    {
        var choice = completion.Choices[0];
        var message = new ChatMessage(ChatRole.Assistant, choice.Message.Content) { MessageId = completion.Id };
        foreach (var call in choice.Message.ToolCalls ?? []) message.Contents.Add(CallOf(call.Id, call.Function.Name, call.Function.Arguments));
        return new ChatResponse(message)
        {
            ResponseId = completion.Id,
            ModelId = completion.Model,
            CreatedAt = DateTimeOffset.FromUnixTimeSeconds(completion.Created),
            FinishReason = new ChatFinishReason(choice.FinishReason),
            Usage = UsageOf(completion.Usage.PromptTokens, completion.Usage.CompletionTokens),
            RawRepresentation = completion,
        };
    }

    // Arguments that aren't JSON are the call's exception, for whoever invokes it.
    private static FunctionCallContent CallOf(string id, string name, string arguments) => FunctionCallContent.CreateFromParsedArguments(
        arguments, id, name, static text => JsonSerializer.Deserialize<Dictionary<string, object?>>(text, ChatJson.Options));

    private static UsageDetails UsageOf(int prompt, int completion) =>
        new() { InputTokenCount = prompt, OutputTokenCount = completion, TotalTokenCount = prompt + completion };
}
