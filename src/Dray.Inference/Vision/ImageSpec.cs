namespace Dray.Inference.Vision;

/// <summary>The numbers of a tokenizer's image section (tekken.json: <c>image</c> or <c>multimodal</c>).</summary>
/// <param name="PatchSize">Side of one patch of the vision encoder, in pixels.</param>
/// <param name="MaxSize">The longest side a picture is scaled down to, in pixels.</param>
/// <param name="MergeSize">Patches per image token, along each side.</param>
public sealed record ImageSpec(int PatchSize, int MaxSize, int MergeSize)
{
    private const int Limit = 16_384;

    /// <summary>Gets the side of the square of pixels that becomes one image token.</summary>
    public int CellSize => PatchSize * MergeSize;

    /// <summary>Checks that the numbers describe pictures that can be held in memory.</summary>
    /// <exception cref="ArgumentException">A number is not positive, or larger than 16,384 pixels.</exception>
    internal void Validate()
    {
        if (PatchSize is < 1 or > 256 || MergeSize is < 1 or > 16 || MaxSize is < 1 or > Limit)
        {
            throw new ArgumentException(
                $"The tokenizer's image section has patch size {PatchSize}, merge size {MergeSize} and maximum size {MaxSize}; "
                + $"they must be in 1..256, 1..16 and 1..{Limit}.");
        }
    }
}
