using Dray.Inference.Compute;

namespace Dray.Inference.Sampling;

/// <summary>
/// Draws from a row's greatest logits what a draw from the whole row would give, or finds that they don't tell. Of the tokens that aren't
/// listed only the number, an upper bound of each weight and the sum are known, so that a draw is told only where it comes out the same
/// wherever among the ids their weight may lie.
/// </summary>
/// <param name="vocabulary">Number of token ids.</param>
/// <param name="candidates">Draws where the filters leave listed tokens only.</param>
internal sealed class ShortList(int vocabulary, CandidateSet candidates)
{
    /// <summary>Relative error of a weight or a sum of weights beside that of the whole row's draw, generously.</summary>
    private const double WeightError = 2e-6;

    /// <summary>Relative error of <see cref="TopLogits.Sums"/>, generously.</summary>
    private const double SumError = 2e-5;

    private readonly int[] _ids = new int[TopLogits.MostCount];
    private readonly double[] _weights = new double[TopLogits.MostCount];

    /// <summary>The token, or −1 where the whole row is needed.</summary>
    /// <param name="ids">Token ids by logit, greatest first.</param>
    /// <param name="logits">Their logits, the first one finite.</param>
    /// <param name="sum"><see cref="TopLogits.Sums"/> of the row.</param>
    /// <param name="sampling">Temperature (greater than 0 here) and filters.</param>
    /// <param name="point">The draw, in [0, 1).</param>
    public int Draw(ReadOnlySpan<int> ids, ReadOnlySpan<float> logits, float sum, SamplingParams sampling, double point)
    {
        if (sampling.TopK > ids.Length && sampling.TopK < vocabulary) return -1;
        var temperature = Math.Max(sampling.Temperature, Sampler.LowestTemperature);
        var cut = CandidateSet.MinPCut(logits[0], temperature, sampling);
        if (sampling.TopK > 0 && sampling.TopK < vocabulary) cut = Math.Max(cut, logits[sampling.TopK - 1]);
        var isClosed = cut > logits[^1] || ids.Length == vocabulary;
        if (!isClosed) return DrawOpen(ids, logits, sum, float.IsNegativeInfinity(cut), temperature, sampling.TopP, point);

        var kept = 0;
        while (kept < ids.Length && logits[kept] >= cut) kept++;
        candidates.Fill(ids[..kept], logits[..kept], logits[0], sampling);
        return candidates.Draw(point);
    }

    private int DrawOpen(ReadOnlySpan<int> ids, ReadOnlySpan<float> logits, float sum, bool isWhole, float temperature, float topP, double point)
    {
        var (scale, listed, listedAtOne) = (1f / temperature, 0.0, 0.0);
        for (var i = 0; i < ids.Length; i++)
        {
            listed += _weights[i] = Math.Exp((logits[i] - logits[0]) * scale);
            listedAtOne += Math.Exp(logits[i] - logits[0]);
        }

        // What the others weigh: each at most as much as the last one listed; and, as a temperature below 1 takes most from those that have
        // least, together at most what they weigh at 1, scaled as that one is.
        var restAtOne = Math.Max(0, (sum * (1 + SumError)) - listedAtOne);
        var most = (vocabulary - ids.Length) * _weights[ids.Length - 1];
        if (scale >= 1) most = Math.Min(most, restAtOne * Math.Exp((logits[^1] - logits[0]) * (double)(scale - 1f)));
        var least = isWhole && scale == 1 ? Math.Clamp((sum * (1 - SumError)) - listedAtOne, 0, most) : 0;
        if (topP >= 1) return Pick(ids, listed + least, listed + most, most, point);

        var kept = NucleusLength(ids.Length, topP * (listed + least), topP * (listed + most), out var mass);
        return kept < 0 ? -1 : Pick(ids[..kept], mass, mass, 0, point);
    }

    /// <summary>How many of the listed tokens are the smallest set that weighs at least so much, or −1 where that isn't sure.</summary>
    private int NucleusLength(int count, double least, double most, out double mass)
    {
        mass = 0;
        for (var i = 0; i + 1 < count; i++)
        {
            mass += _weights[i];
            if (mass * (1 + WeightError) < least) continue;
            return mass * (1 - WeightError) >= most && _weights[i + 1] < _weights[i] * (1 - WeightError) ? i + 1 : -1;
        }

        return -1;
    }

    /// <summary>The token at a point of the way through listed tokens, in the order of their ids, with up to <paramref name="rest"/> of others anywhere between.</summary>
    private int Pick(ReadOnlySpan<int> ids, double least, double most, double rest, double point)
    {
        ids.CopyTo(_ids);
        var weights = _weights.AsSpan(0, ids.Length);
        _ids.AsSpan(0, ids.Length).Sort(weights);
        var passed = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var before = passed + rest;
            passed += weights[i];
            var isBehind = before == 0 || point * least * (1 - WeightError) > before * (1 + WeightError);
            if (!isBehind) return -1;
            if (point * most * (1 + WeightError) < passed * (1 - WeightError)) return _ids[i];
        }

        return -1;
    }
}
