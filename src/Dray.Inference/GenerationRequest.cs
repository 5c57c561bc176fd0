using Dray.Inference.Sampling;
using Dray.Inference.Scheduling;
using Dray.Inference.Tokenization;

namespace Dray.Inference;

/// <summary>One request: a conversation with its pictures, or a text, and how to sample the answer.</summary>
public sealed record GenerationRequest
{
    /// <summary>Gets what to answer: a conversation with the tools on offer, or a text to go on with.</summary>
    public required Prompt Prompt { get; init; }

    /// <summary>Gets the encoded pictures (PNG, JPEG, ...) of a conversation, in the order of <see cref="ChatRequest.ImageUrls"/>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Images { get; init; } = [];

    /// <summary>Gets how urgent it is beside other requests. <value>The default value is normal.</value></summary>
    public RequestPriority Priority { get; init; }

    /// <summary>Gets how tokens are chosen and when to stop.</summary>
    public SamplingParams Sampling { get; init; } = new();

    /// <summary>Gets the form that the answer must have, or null for any.</summary>
    public StructuredOutput? Format { get; init; }
}
