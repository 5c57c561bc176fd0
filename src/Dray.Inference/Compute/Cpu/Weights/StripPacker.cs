namespace Dray.Inference.Compute.Cpu;

/// <summary>Packs strips of one linear layer. Threads call it at once, each for strips of its own.</summary>
/// <param name="outputs">N of the layer.</param>
internal abstract class StripPacker(int outputs)
{
    /// <summary>Gets the number of strips.</summary>
    public int Strips { get; } = PackedPart.StripCount(outputs);

    /// <summary>Packs strips <paramref name="first"/>.. before <paramref name="end"/>.</summary>
    public abstract void Pack(int first, int end);

    /// <summary>A strip's first output and how many it has.</summary>
    protected (int First, int Count) Outputs(int strip) =>
        (strip * WeightStrip.Width, Math.Min(WeightStrip.Width, outputs - (strip * WeightStrip.Width)));
}
