namespace Dray.Inference.Vision;

/// <summary>Normalises resized rows and lays them out as patches, see <see cref="PatchedImage.Pixels"/>.</summary>
internal static class PatchNormalizer
{
    private const int Channels = 3;

    // CLIP's, which mistral_common and the checkpoint's preprocessor_config.json use.
    private static ReadOnlySpan<float> Mean => [0.48145466f, 0.4578275f, 0.40821073f];

    private static ReadOnlySpan<float> Deviation => [0.26862954f, 0.26130258f, 0.27577711f];

    /// <summary>Runs the resizer and returns [patches, 3 · patch²].</summary>
    public static float[] Patch(BicubicResizer resizer, int patchSize)
    {
        var patches = GC.AllocateUninitializedArray<float>(resizer.Width * resizer.Height * Channels);
        var row = new float[resizer.RowLength];
        for (var y = 0; y < resizer.Height; y++)
        {
            resizer.Row(y, row);
            Scatter(row, y, resizer.Width, patchSize, patches);
        }

        return patches;
    }

    private static void Scatter(ReadOnlySpan<float> row, int y, int width, int patchSize, Span<float> patches)
    {
        var area = patchSize * patchSize;
        var (patchRow, inPatch) = Math.DivRem(y, patchSize);
        var columns = width / patchSize;
        for (var channel = 0; channel < Channels; channel++)
        {
            var scale = 1f / (255f * Deviation[channel]);
            var shift = -Mean[channel] / Deviation[channel];
            for (var column = 0; column < columns; column++)
            {
                var patch = (patchRow * columns) + column;
                var target = patches.Slice((((patch * Channels) + channel) * area) + (inPatch * patchSize), patchSize);
                var source = row[(column * patchSize * Channels)..];
                for (var x = 0; x < target.Length; x++) target[x] = (source[(x * Channels) + channel] * scale) + shift;
            }
        }
    }
}
