namespace Dray.Inference.Tokenization;

/// <summary>Plain text. Literals of special tokens in it are plain characters.</summary>
/// <param name="Text">The text, possibly empty.</param>
public sealed record TextPart(string Text) : ContentPart;
