using System.Text.Json;
using Dray.Inference.Sampling.Grammar;
using Dray.Inference.Tokenization;

namespace Dray.Inference;

/// <summary>The form that an answer must have, and which tools it may or must call. Tokens that would break it are never sampled.</summary>
public sealed record StructuredOutput
{
    /// <summary>Gets the form of the text. <value>The default value is free text.</value></summary>
    public StructuredOutputKind Kind { get; init; }

    /// <summary>Gets the field of the request that asks for the form, which errors name.</summary>
    public string Field { get; init; } = "response_format";

    /// <summary>Gets the JSON schema of <see cref="StructuredOutputKind.JsonSchema"/>, independent of the document it was read from.</summary>
    public JsonElement Schema { get; init; }

    /// <summary>Gets the pattern of <see cref="StructuredOutputKind.Regex"/>, which the whole answer matches.</summary>
    public string Pattern { get; init; } = "";

    /// <summary>Gets the texts of <see cref="StructuredOutputKind.Choice"/>.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Gets whether tools may or must be called. <value>The default value is that they may.</value></summary>
    public ToolUse Tools { get; init; }

    /// <summary>Gets the function of <see cref="ToolUse.Named"/>, or null.</summary>
    public string? ToolName { get; init; }

    /// <summary>Gets whether one answer may hold several calls. <value>The default value is true.</value></summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>Gets the names of the functions whose schemas must be held: one that can't be fails the request.</summary>
    public IReadOnlySet<string> StrictTools { get; init; } = new HashSet<string>();

    /// <summary>
    /// Reads <c>response_format</c>, <c>tool_choice</c>, <c>parallel_tool_calls</c> and vLLM's <c>structured_outputs</c>, <c>guided_json</c>,
    /// <c>guided_regex</c> and <c>guided_choice</c> of a chat-completion body. Schemas are judged later, by the engine.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <param name="chat">The conversation that was read from it, with the tools on offer.</param>
    /// <exception cref="RequestRejectedException">A field is of the wrong kind, isn't supported, or two exclude each other.</exception>
    public static StructuredOutput Parse(JsonElement body, ChatRequest chat) => StructuredOutputReader.Read(body, chat);
}
