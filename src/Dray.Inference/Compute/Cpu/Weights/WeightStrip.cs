namespace Dray.Inference.Compute.Cpu;

/// <summary>The unit in which weights are packed and multiplied: neighbouring outputs, side by side.</summary>
internal static class WeightStrip
{
    /// <summary>Outputs of a strip.</summary>
    public const int Width = 32;
}
