using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Packs codes into the words of <see cref="PackedPart"/>.</summary>
internal readonly unsafe struct CodePackJob(QuantizedLinear source, PackedPart part, PackProgress progress) : ITeamJob
{
    public void Execute(int thread, int threads)
    {
        var inputs = source.Inputs;
        var perWord = PackedPart.PerWord(part.Code);
        var bits = 32 / perWord;
        var codes = new byte[checked(TileUses.Width * inputs)];
        for (int strip; (strip = progress.NextStrip()) < part.Strips;)
        {
            var first = strip * TileUses.Width;
            var count = Math.Min(TileUses.Width, source.Outputs - first);
            source.ReadCodes(first, count, codes.AsSpan(0, count * inputs));
            foreach (ref readonly var segment in part.Segments.AsSpan())
            {
                var words = (uint*)part.Words(strip, segment);
                for (var n = 0; n < count; n++)
                {
                    var row = codes.AsSpan((n * inputs) + segment.FirstInput, segment.Length);
                    for (var k = 0; k < row.Length; k += perWord)
                    {
                        var word = 0u;
                        for (var j = Math.Min(perWord, row.Length - k) - 1; j >= 0; j--) word = (word << bits) | row[k + j];
                        words[((nint)(k / perWord) * TileUses.Width) + n] = word;
                    }
                }
            }
        }
    }
}
