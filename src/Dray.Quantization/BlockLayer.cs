using Dray.Inference.Checkpoints;
using Dray.Quantization.Rounding;

namespace Dray.Quantization;

/// <summary>A linear layer of a decoder block, before it is quantized.</summary>
/// <param name="Name">Its name within the block, such as <c>self_attn.q_proj</c>.</param>
/// <param name="Outputs">N.</param>
/// <param name="Inputs">K.</param>
/// <param name="Weight">The weights, widened to float32, [N, K].</param>
/// <param name="Scheme">What it becomes; null for a layer that stays as it is.</param>
/// <param name="WeightType">What the weights were before they were widened; rounding to nearest imitates some of its arithmetic.</param>
public sealed record BlockLayer(
    string Name, int Outputs, int Inputs, float[] Weight, WeightScheme? Scheme, DataType WeightType = DataType.Float32)
{
    /// <summary>The least and the greatest of some of the weights, or zero where that is beyond.</summary>
    /// <exception cref="ArgumentException">One isn't finite or too great for fp16 scales.</exception>
    internal (float Low, float High) FiniteRange(ReadOnlySpan<float> weights)
    {
        var (low, high) = GroupKernel.Range(weights);
        if (high - low <= (float)Half.MaxValue) return (low, high);
        throw new ArgumentException($"{Name} has weights from {low} to {high}, which fp16 scales can't represent; the checkpoint may be damaged.");
    }
}
