namespace Dray.Inference.Tokenization;

/// <summary>Where a picture's ids are in a prompt.</summary>
/// <param name="Start">The position of the first <c>[IMG]</c>.</param>
/// <param name="Grid">The picture's tokens; <see cref="ImageGrid.PromptTokens"/> ids follow from <paramref name="Start"/>.</param>
public readonly record struct ImageSpan(int Start, ImageGrid Grid);
