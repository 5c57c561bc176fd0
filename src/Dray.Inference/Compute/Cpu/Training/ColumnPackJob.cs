using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Packs the columns of <paramref name="x"/> [M, K] as the outputs of a right-hand factor [K, M]: strips of 32 columns, int8.</summary>
internal readonly unsafe struct ColumnPackJob(RowView x, PackedPart part) : ITeamJob
{
    /// <summary>The columns that are packed at once.</summary>
    public const int Columns = StripsAtOnce * WeightStrip.Width;

    private const int StripsAtOnce = 2;

    /// <summary>How many times <see cref="Columns"/> columns a factor has; the last may be fewer.</summary>
    public static int Items(PackedPart part) => (part.Outputs + Columns - 1) / Columns;

    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(Items(part)))
        {
            for (var item = first; item < end; item++)
            {
                foreach (ref readonly var segment in part.Segments.AsSpan()) Pack(x.Row(segment.FirstInput) + (item * Columns), x.Stride, item, segment, part);
            }
        }
    }

    /// <summary>Packs up to 64 columns of a segment of <paramref name="part"/>.</summary>
    /// <param name="source">The first of these columns in the segment's first row.</param>
    /// <param name="stride">Floats from a row to the next.</param>
    /// <param name="item">Which columns.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="part">The factor.</param>
    public static void Pack(float* source, nint stride, int item, in WeightSegment segment, PackedPart part)
    {
        var lanes = Vector512<float>.Count;
        var blocks = stackalloc ColumnBlock[ColumnQuantizer.Blocks];
        for (var i = 0; i < ColumnQuantizer.Blocks; i++)
        {
            var (strip, half) = (Math.Min((item * StripsAtOnce) + (i / 2), part.Strips - 1), i % 2 * lanes);
            blocks[i] = new ColumnBlock
            {
                Lanes = ColumnQuantizer.First(part.Outputs - (item * Columns) - (i * lanes)),
                Words = (uint*)part.Words(strip, segment) + half,
                Stride = WeightStrip.Width,
                Scales = part.Scales(strip, segment.Group) + half,
            };
        }

        ColumnQuantizer.Quantize(source, stride, segment.Length, lanes, blocks, ColumnQuantizer.Unsigned, 0);
    }
}
