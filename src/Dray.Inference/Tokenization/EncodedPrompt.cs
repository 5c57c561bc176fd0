namespace Dray.Inference.Tokenization;

/// <summary>A conversation as the model reads it.</summary>
/// <param name="Ids">The token ids, from the start token on.</param>
/// <param name="Images">The pictures, in the order of <see cref="ChatRequest.ImageUrls"/>.</param>
public sealed record EncodedPrompt(int[] Ids, IReadOnlyList<ImageSpan> Images);
