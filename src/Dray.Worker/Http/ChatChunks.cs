using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Execution;

namespace Dray.Worker.Http;

/// <summary>Makes the chunks of one streamed chat completion.</summary>
internal sealed class ChatChunks(string model, RequestIdentity identity)
{
    // Calls that each choice has made so far; a choice that isn't there hasn't begun.
    private readonly Dictionary<int, int> _calls = [];

    /// <summary>The chunks that an update makes: first of all a choice's role, alone.</summary>
    public IEnumerable<ChatCompletionChunk> Of(GenerationUpdate update)
    {
        if (_calls.TryAdd(update.Choice, 0))
            yield return ChunkOf(update.Choice, new ChatDelta { Role = "assistant", Content = update.ToolCalls.Count > 0 && update.Text.Length == 0 ? null : "" });
        var delta = new ChatDelta
        {
            Content = update.Text.Length == 0 ? null : update.Text,
            ToolCalls = update.ToolCalls.Count == 0 ? null : [.. update.ToolCalls.Select(call => new ChatToolCallDelta
            {
                Index = _calls[update.Choice]++,
                Id = call.Id,
                Function = Completions.FunctionOf(call),
            })],
        };
        yield return ChunkOf(update.Choice, delta, update);
    }

    /// <summary>The last chunk, which has no choices but what was used.</summary>
    public ChatCompletionChunk Usage(GenerationResult result) => ChunkOf([]) with { Usage = Completions.UsageOf(result) };

    private ChatCompletionChunk ChunkOf(int choice, ChatDelta delta, GenerationUpdate? update = null) => ChunkOf(
    [
        new ChatChunkChoice
        {
            Index = choice,
            Delta = delta,
            Logprobs = Completions.LogprobsOf(update?.LogProbs is { Count: > 0 } tokens ? tokens : null),
            FinishReason = update?.FinishReason is { } reason ? Completions.NameOf(reason) : null,
        },
    ]);

    private ChatCompletionChunk ChunkOf(IReadOnlyList<ChatChunkChoice> choices) =>
        new() { Id = identity.CompletionId, Created = identity.Created, Model = model, Choices = choices };
}
