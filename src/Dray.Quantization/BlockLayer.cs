using Dray.Quantization.Rounding;

namespace Dray.Quantization;

/// <summary>A linear layer of a decoder block, before it is quantized.</summary>
/// <param name="Name">Its name within the block, such as <c>self_attn.q_proj</c>.</param>
/// <param name="Outputs">N.</param>
/// <param name="Inputs">K.</param>
/// <param name="Weight">The weights, widened to float32, [N, K].</param>
/// <param name="Scheme">What it becomes; null for a layer that stays as it is.</param>
public sealed record BlockLayer(string Name, int Outputs, int Inputs, float[] Weight, WeightScheme? Scheme);
