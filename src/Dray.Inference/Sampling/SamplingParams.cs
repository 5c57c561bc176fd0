using System.Text.Json;

namespace Dray.Inference.Sampling;

/// <summary>How tokens are chosen and when to stop. Names and meanings are vLLM's.</summary>
public sealed record SamplingParams
{
    /// <summary>Gets the softmax temperature; below 1e-5 the most probable token is taken. <value>The default value is 1.</value></summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Gets the probability mass kept, in (0, 1]. <value>The default value is 1, which keeps all.</value></summary>
    public float TopP { get; init; } = 1f;

    /// <summary>Gets the number of most probable tokens kept. <value>The default value is 0, which keeps all.</value></summary>
    public int TopK { get; init; }

    /// <summary>Gets the seed of the request's own generator, or null for one derived from the request's text.</summary>
    public long? Seed { get; init; }

    /// <summary>Gets the most tokens to generate, or null for as many as the context has room for.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Gets the strings that end generation; they aren't part of the answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Gets the number of answers. <value>The default value is 1.</value></summary>
    public int N { get; init; } = 1;

    /// <summary>Gets whether generation goes on past the end-of-sequence token. <value>The default value is false.</value></summary>
    public bool IgnoreEos { get; init; }

    /// <summary>Reads the sampling fields of a chat-completion body over <paramref name="defaults"/>.</summary>
    /// <exception cref="RequestRejectedException">A value is out of range or of the wrong kind; the message names it.</exception>
    public static SamplingParams Parse(JsonElement body, SamplingParams defaults) => throw new NotSupportedException($"{body} {defaults}");
}
