using Dray.Contracts;
using Dray.Inference;
using Dray.Inference.Tokenization;
using ChatMessage = Dray.Contracts.ChatMessage;

namespace Dray.Worker.Execution;

/// <summary>The engine's answer in OpenAI's words.</summary>
internal static class Completions
{
    /// <summary>The completion object of a result.</summary>
    public static ChatCompletion From(GenerationResult result, string model, RequestIdentity identity) => new()
    {
        Id = identity.CompletionId,
        Created = identity.Created,
        Model = model,
        Choices = [.. result.Choices.Select(ChoiceOf)],
        Usage = UsageOf(result),
        PromptLogprobs = result.PromptLogProbs is { } prompt ? [null, .. prompt.Select(token => LogprobOf(token, 0))] : null,
    };

    /// <summary>The tokens that a result took.</summary>
    public static CompletionUsage UsageOf(GenerationResult result) => new()
    {
        PromptTokens = result.PromptTokens,
        CompletionTokens = result.CompletionTokens,
        TotalTokens = result.PromptTokens + result.CompletionTokens,
    };

    /// <summary>The log-probabilities of tokens, or null where none were asked for.</summary>
    public static ChatLogprobs? LogprobsOf(IReadOnlyList<TokenProbability>? tokens) =>
        tokens is null ? null : new ChatLogprobs { Content = [.. tokens.Select(token => LogprobOf(token, 0))] };

    /// <summary>OpenAI's word for why generation ended.</summary>
    public static string NameOf(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        _ => "stop",
    };

    /// <summary>The function that a call names.</summary>
    public static ChatFunctionCall FunctionOf(ToolCall call) => new() { Name = call.Name, Arguments = call.Arguments };

    private static ChatToolCall CallOf(ToolCall call) => new() { Id = call.Id, Function = FunctionOf(call) };

    private static ChatChoice ChoiceOf(GenerationChoice choice, int index) => new()
    {
        Index = index,
        Message = new ChatMessage
        {
            Content = choice.Content,
            ToolCalls = choice.ToolCalls.Count == 0
                ? null
                : [.. choice.ToolCalls.Select(CallOf)],
        },
        Logprobs = LogprobsOf(choice.LogProbs),
        MalformedToolCalls = choice.HasMalformedToolCalls,
        FinishReason = NameOf(choice.FinishReason),
    };

    private static ChatTokenLogprob LogprobOf(TokenProbability token, int depth) => new()
    {
        Token = token.Text,
        Logprob = token.LogProb,
        Bytes = [.. token.Bytes.ToArray().Select(value => (int)value)],
        TopLogprobs = depth > 0 ? null : [.. token.Top.Select(other => LogprobOf(other, depth + 1))],
    };
}
