namespace Dray.Inference.Tokenization;

/// <summary>How pictures become tokens, as tekken.json says under <c>image</c> or <c>multimodal</c>.</summary>
/// <param name="PatchSize">Side of a patch in pixels.</param>
/// <param name="MaxSize">The longest side a picture may have after scaling, in pixels.</param>
/// <param name="MergeSize">Patches per token along each side; 1 where the file doesn't say.</param>
public sealed record TekkenImageSettings(int PatchSize, int MaxSize, int MergeSize);
