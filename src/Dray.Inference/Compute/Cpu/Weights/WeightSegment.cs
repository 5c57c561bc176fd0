namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// A run of inputs that are summed up before their group's scale is applied. Segments end where groups end and after
/// <see cref="MaxInputs"/> inputs, so that an unpacked panel fits into the first-level cache; they start at a word of their own.
/// </summary>
/// <param name="FirstInput">Its first input.</param>
/// <param name="Length">Its number of inputs.</param>
/// <param name="FirstWord">Its first word in each output's row of words.</param>
/// <param name="Group">The group that its scale belongs to.</param>
internal readonly record struct WeightSegment(int FirstInput, int Length, int FirstWord, int Group)
{
    /// <summary>The most inputs of a segment, so that sums of codes times 16-bit inputs stay within 32 bits.</summary>
    public const int MaxInputs = 128;

    /// <summary>Divides <paramref name="inputs"/> inputs.</summary>
    /// <param name="inputs">K.</param>
    /// <param name="groupSize">Inputs per group; K for a dense matrix.</param>
    /// <param name="perWord">Inputs per word.</param>
    /// <param name="maxInputs">The most inputs of a segment.</param>
    public static WeightSegment[] Divide(int inputs, int groupSize, int perWord, int maxInputs = MaxInputs)
    {
        var segments = new List<WeightSegment>();
        var word = 0;
        for (var first = 0; first < inputs;)
        {
            var group = first / groupSize;
            var end = Math.Min(first + maxInputs, Math.Min(inputs, (int)Math.Min((long)(group + 1) * groupSize, int.MaxValue)));
            segments.Add(new WeightSegment(first, end - first, word, group));
            word += (end - first + perWord - 1) / perWord;
            first = end;
        }

        return [.. segments];
    }
}
