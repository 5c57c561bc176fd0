namespace Dray.Inference.Tokenization;

/// <summary>The model's earlier reasoning. Only tokenizers of version v13 have tokens for it.</summary>
/// <param name="Thinking">The text between the two reasoning tokens.</param>
/// <param name="Closed">Whether the closing token follows.</param>
public sealed record ThinkingPart(string Thinking, bool Closed) : ContentPart;
