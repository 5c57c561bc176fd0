using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Transposes scales and zero points to [strip][group][32] and finds out whether all zero points are <paramref name="symmetric"/>.</summary>
internal readonly unsafe struct ScalePackJob(QuantizedLinear source, NativeBlock scales, NativeBlock offsets, int symmetric, PackProgress progress)
    : ITeamJob
{
    public bool IsSymmetric => progress.IsSymmetric;

    public void Execute(TeamShare share)
    {
        var groups = source.Groups;
        var stripScales = new float[TileUses.Width * groups];
        var stripZeros = new short[TileUses.Width * groups];
        for (int strip; (strip = progress.NextStrip()) < PackedPart.StripCount(source.Outputs);)
        {
            var first = strip * TileUses.Width;
            var count = Math.Min(TileUses.Width, source.Outputs - first);
            source.ReadScales(first, count, stripScales.AsSpan(0, count * groups), stripZeros.AsSpan(0, count * groups));
            var targetScales = (float*)scales.Pointer + ((nint)strip * groups * TileUses.Width);
            var targetOffsets = (float*)offsets.Pointer + ((nint)strip * groups * TileUses.Width);
            for (var n = 0; n < count; n++)
            {
                for (var g = 0; g < groups; g++)
                {
                    var zero = stripZeros[(n * groups) + g];
                    if (zero != symmetric) progress.FoundAsymmetric();
                    targetScales[((nint)g * TileUses.Width) + n] = stripScales[(n * groups) + g];
                    targetOffsets[((nint)g * TileUses.Width) + n] = zero;
                }
            }
        }
    }
}
