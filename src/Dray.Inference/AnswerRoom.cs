using Dray.Inference.Sampling;

namespace Dray.Inference;

/// <summary>How long an answer may become.</summary>
internal static class AnswerRoom
{
    /// <summary>The most tokens of an answer to a prompt.</summary>
    /// <param name="promptTokens">The prompt's length.</param>
    /// <param name="sampling">The request's parameters.</param>
    /// <param name="most">The operator's bound of every answer, or null.</param>
    /// <param name="contextLength">The most tokens of prompt and answer together.</param>
    /// <exception cref="RequestRejectedException">They don't fit into the context.</exception>
    public static int MaxTokens(int promptTokens, SamplingParams sampling, int? most, int contextLength)
    {
        var room = contextLength - promptTokens;
        var maxTokens = sampling.MaxTokens ?? room;
        // As in vLLM, the operator's max_new_tokens bounds every answer, and asks for no more than there is room for.
        if (most is { } bound && maxTokens >= bound) maxTokens = Math.Min(bound, Math.Max(room, 0));
        if (room >= 1 && maxTokens <= room) return maxTokens;
        throw new RequestRejectedException(
            RequestErrorCodes.ContextLengthExceeded,
            $"The prompt has {promptTokens} tokens and {Math.Max(maxTokens, 1)} are to be generated, but prompt and answer together may have at most {contextLength}. Shorten the prompt or lower max_tokens.",
            room < 1 ? "messages" : "max_tokens");
    }
}
