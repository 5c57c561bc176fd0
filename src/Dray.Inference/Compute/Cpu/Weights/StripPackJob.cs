namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Packs the parts of a matrix. A thread packs the strips that it will multiply by, so that it is the first to touch their pages and the
/// system puts them into the memory nearest to it.
/// </summary>
internal readonly struct StripPackJob(StripPacker[] parts) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(parts.Sum(part => part.Strips))) Pack(first, end);
    }

    private void Pack(int first, int end)
    {
        foreach (var part in parts)
        {
            var (from, to) = (Math.Max(first, 0), Math.Min(end, part.Strips));
            if (from < to) part.Pack(from, to);
            (first, end) = (first - part.Strips, end - part.Strips);
        }
    }
}
