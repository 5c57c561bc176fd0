namespace Dray.Inference.Compute.Cpu;

/// <summary>Packs a layer's codes, scales and, where the factor has them, zero points into the strips of a right-hand factor [N, K] from <paramref name="firstStrip"/> on.</summary>
internal readonly unsafe struct CodePackJob(CodedRows rows, PackedPart part, int firstStrip) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        var (inputs, perWord) = (part.Inputs, PackedPart.PerWord(part.Code));
        fixed (byte* codes = rows.Codes)
        {
            foreach (var (first, end) in share.Of(rows.Outputs / WeightStrip.Width))
            {
                for (var strip = first; strip < end; strip++)
                {
                    var row = strip * WeightStrip.Width;
                    var words = (uint*)part.Words(firstStrip + strip, part.Segments[0]);
                    WordTranspose.Run(codes + ((nint)row * inputs), inputs, WeightStrip.Width, inputs / perWord, words);
                    for (var group = 0; group < part.Groups; group++)
                    {
                        var scales = part.Scales(firstStrip + strip, group);
                        var zeros = part.Offsets(firstStrip + strip, group);
                        for (var n = 0; n < WeightStrip.Width; n++)
                        {
                            var at = ((row + n) * part.Groups) + group;
                            scales[n] = rows.Scales[at];
                            if (zeros != null) zeros[n] = rows.Zeros[at];
                        }
                    }
                }
            }
        }
    }
}
