namespace Dray.Quantization.Calibration;

/// <summary>How many samples each source of a mix gives.</summary>
internal static class SampleShares
{
    /// <summary>
    /// Shares out samples: sources that were asked for a number give it, the others give even shares of what is left, and what a small
    /// source lacks the larger ones give. Where the numbers asked for are more than there is room for, they don't reduce the others'
    /// shares, as in AutoRound; the mix is cut after shuffling then.
    /// </summary>
    /// <param name="sources">What each source has and was asked for, smallest first.</param>
    /// <param name="samples">Samples of the mix.</param>
    public static int[] Of(IReadOnlyList<(int Available, int? Asked)> sources, int samples)
    {
        var shares = sources.Select(source => Math.Min(source.Available, source.Asked ?? 0)).ToArray();
        var asked = shares.Sum(share => (long)share);
        var left = asked > samples ? samples : samples - (int)asked;
        var open = sources.Count(source => source.Asked is null);
        for (var i = 0; i < shares.Length; i++)
        {
            if (sources[i].Asked is not null) continue;
            shares[i] = Math.Min(sources[i].Available, left / open--);
            left -= shares[i];
        }

        return shares;
    }
}
