using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Packs codes that the checkpoint holds as the very words of <see cref="PackedPart"/>, but [K·bits/32][N]: copies them, 32 at a time. A tile of
/// 32 strips by 32 rows is a page's width on either side, so that few pages are in use at once.
/// </summary>
internal sealed unsafe class WordPacker(QuantizedLinear source, PackedPart part) : StripPacker(source.Outputs)
{
    private const int TileStrips = 32;
    private const int TileRows = 32;

    /// <summary>Whether the source's words are those of the packed part: they are unless a segment ends within a word.</summary>
    public static bool Fits(QuantizedLinear source, PackedPart part) =>
        source.HoldsWords && 32 / source.Bits == PackedPart.PerWord(part.Code) &&
        Array.TrueForAll(part.Segments, segment => segment.FirstInput == segment.FirstWord * PackedPart.PerWord(part.Code));

    public override void Pack(int first, int end)
    {
        for (; first < end; first += TileStrips)
        {
            for (var row = 0; row < part.WordsPerOutput; row += TileRows)
            {
                var rows = Math.Min(TileRows, part.WordsPerOutput - row);
                for (var strip = first; strip < Math.Min(first + TileStrips, end); strip++)
                {
                    var (output, count) = Outputs(strip);
                    var words = (uint*)part.Words(strip, part.Segments[0]) + ((nint)row * WeightStrip.Width);
                    source.ReadWords(output, count, row, new Span<uint>(words, rows * WeightStrip.Width), WeightStrip.Width);
                }
            }
        }
    }
}
