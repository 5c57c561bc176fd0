using Dray.Inference.Checkpoints;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tuning;

/// <summary>A linear layer with quantized weights in memory, which may change between two loads.</summary>
/// <param name="name">Its name, for messages.</param>
/// <param name="weight">The weights.</param>
internal sealed class RoundedLinear(string name, QuantizedWeight weight)
    : QuantizedLinear(name, weight.Outputs, weight.Inputs, weight.Scheme.Bits, weight.Scheme.GroupWidth(weight.Inputs))
{
    /// <summary>Gets the weights.</summary>
    public QuantizedWeight Weight { get; } = weight;

    /// <inheritdoc/>
    public override void ReadCodes(int first, int count, Span<byte> codes) => Weight.Codes.AsSpan(first * Inputs, count * Inputs).CopyTo(codes);

    /// <inheritdoc/>
    public override void ReadGroup(int group, int first, Span<float> scales, Span<short> zeros)
    {
        for (var n = 0; n < scales.Length; n++)
        {
            var at = ((first + n) * Weight.Groups) + group;
            (scales[n], zeros[n]) = (Weight.Scales[at], Weight.Zeros[at]);
        }
    }
}
