using Dray.Inference.Checkpoints;

namespace Dray.Quantization.Tuning;

/// <summary>A linear layer with float32 weights in memory.</summary>
/// <param name="name">Its name, for messages.</param>
/// <param name="outputs">N.</param>
/// <param name="inputs">K.</param>
/// <param name="weight">[N, K].</param>
internal sealed class FloatLinear(string name, int outputs, int inputs, float[] weight) : LinearSource(name, outputs, inputs)
{
    /// <summary>Gets the weights, [N, K].</summary>
    public float[] Weight { get; } = weight;

    /// <inheritdoc/>
    public override void ReadRows(int first, int count, Span<float> target) => Weight.AsSpan(first * Inputs, count * Inputs).CopyTo(target);
}
