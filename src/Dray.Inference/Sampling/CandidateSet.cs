namespace Dray.Inference.Sampling;

/// <summary>
/// The tokens that one step can draw, with their weights: min_p, top_k and top_p applied in vLLM's order. Tokens stay in the order of
/// their ids, so that a draw depends on the distribution alone. Reused from step to step; not thread-safe.
/// </summary>
internal sealed class CandidateSet(int vocabulary, TopSelector selector)
{
    private const int BlockSize = 1024;

    private readonly int[] _ids = new int[vocabulary];
    private readonly float[] _weights = new float[vocabulary];

    // Until something is left out, place and token id are the same and the ids aren't written.
    private bool _isWhole;

    /// <summary>Gets the number of tokens left.</summary>
    public int Count { get; private set; }

    /// <summary>The id of the token at <paramref name="place"/>.</summary>
    public int Id(int place) => _isWhole ? place : _ids[place];

    /// <summary>The weight of the token at <paramref name="place"/>; probabilities but for a common divisor.</summary>
    public float Weight(int place) => _weights[place];

    /// <summary>Fills the set from logits that bias and penalties were applied to.</summary>
    /// <param name="logits">[vocabulary]; −∞ rules a token out.</param>
    /// <param name="max">The greatest logit.</param>
    /// <param name="sampling">Temperature (greater than 0 here) and filters.</param>
    public void Fill(ReadOnlySpan<float> logits, float max, SamplingParams sampling)
    {
        var temperature = Math.Max(sampling.Temperature, Sampler.LowestTemperature);
        Narrow(logits, Cut(logits, max, temperature, sampling));
        LogitKernels.Exponentials(_isWhole ? logits : _weights.AsSpan(0, Count), max, temperature, _weights);
        if (sampling.TopP < 1f) KeepNucleus(sampling.TopP);
    }

    /// <summary>Fills the set with what min_p and top_k have left of a row's logits.</summary>
    /// <param name="ids">Token ids, in any order.</param>
    /// <param name="logits">Their logits.</param>
    /// <param name="max">The row's greatest logit.</param>
    /// <param name="sampling">Temperature (greater than 0 here) and top_p.</param>
    public void Fill(ReadOnlySpan<int> ids, ReadOnlySpan<float> logits, float max, SamplingParams sampling)
    {
        (_isWhole, Count) = (false, ids.Length);
        var weights = _weights.AsSpan(0, Count);
        ids.CopyTo(_ids);
        logits.CopyTo(weights);
        _ids.AsSpan(0, Count).Sort(weights);
        LogitKernels.Exponentials(weights, max, Math.Max(sampling.Temperature, Sampler.LowestTemperature), weights);
        if (sampling.TopP < 1f) KeepNucleus(sampling.TopP);
    }

    /// <summary>The least logit that min_p leaves.</summary>
    public static float MinPCut(float max, float temperature, SamplingParams sampling) =>
        sampling.MinP > 0 ? max + (temperature * MathF.Log(sampling.MinP)) : float.NegativeInfinity;

    /// <summary>The token at <paramref name="point"/> of the way, in [0, 1), through the tokens' probabilities.</summary>
    public int Draw(double point)
    {
        var weights = _weights.AsSpan(0, Count);
        var target = point * Total(weights);
        var passed = 0.0;
        var last = 0;
        for (var first = 0; first < weights.Length; first += BlockSize)
        {
            var block = weights.Slice(first, Math.Min(BlockSize, weights.Length - first));
            var sum = LogitKernels.Sum(block);
            if (passed + sum > target) return Id(first + Walk(block, target - passed));
            passed += sum;
            last = first;
        }

        // Only reachable if rounding put the target on the total.
        return Id(last + Walk(weights[last..], double.PositiveInfinity));
    }

    private static double Total(ReadOnlySpan<float> weights)
    {
        var total = 0.0;
        for (var first = 0; first < weights.Length; first += BlockSize)
            total += LogitKernels.Sum(weights.Slice(first, Math.Min(BlockSize, weights.Length - first)));
        return total;
    }

    private static int Walk(ReadOnlySpan<float> block, double target)
    {
        var place = 0;
        for (var i = 0; i < block.Length && target >= 0; i++)
        {
            if (block[i] == 0) continue;
            place = i;
            target -= block[i];
        }

        return place;
    }

    // min_p and top_k are both "at least so much", so the order of the two doesn't matter.
    private float Cut(ReadOnlySpan<float> logits, float max, float temperature, SamplingParams sampling)
    {
        var cut = MinPCut(max, temperature, sampling);
        if (sampling.TopK > 0 && sampling.TopK < logits.Length) cut = Math.Max(cut, selector.KthLargest(logits, sampling.TopK));
        return cut;
    }

    private void Narrow(ReadOnlySpan<float> logits, float cut)
    {
        _isWhole = float.IsNegativeInfinity(cut);
        Count = _isWhole ? logits.Length : LogitKernels.AtLeast(logits, cut, _ids, _weights);
    }

    private void KeepNucleus(float share)
    {
        var weights = _weights.AsSpan(0, Count);
        var (cut, ties) = selector.Nucleus(weights, share * LogitKernels.Sum(weights));
        if (_isWhole)
        {
            // In place: a kept weight never moves behind one that is yet to be read.
            Count = LogitKernels.AtLeast(weights, cut, _ids, _weights);
            _isWhole = false;
        }

        var count = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_weights[i] < cut || (_weights[i] == cut && ties-- <= 0)) continue;
            _ids[count] = _ids[i];
            _weights[count++] = _weights[i];
        }

        Count = count;
    }
}
