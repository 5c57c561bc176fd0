using Dray.Inference.Checkpoints;

namespace Dray.Quantization.Evaluation;

/// <summary>A symmetric 4-bit layer of any size, cut out of some random codes over and over. Outputs have about the size of inputs.</summary>
/// <param name="name">What messages call it.</param>
/// <param name="outputs">N.</param>
/// <param name="inputs">K.</param>
/// <param name="groupSize">Inputs that share a scale.</param>
internal sealed class SyntheticQuantized(string name, int outputs, int inputs, int groupSize)
    : QuantizedLinear(name, outputs, inputs, 4, groupSize)
{
    private const short Zero = 8;

    // Uniform codes less 8 have a standard deviation of 4.6.
    private readonly float _scale = (float)(Half)(1 / (4.6f * MathF.Sqrt(inputs)));

    /// <inheritdoc/>
    public override void ReadCodes(int first, int count, Span<byte> codes) => SyntheticNoise.Copy(SyntheticNoise.Codes, (long)first * Inputs, codes[..(count * Inputs)]);

    /// <inheritdoc/>
    public override void ReadGroup(int group, int first, Span<float> scales, Span<short> zeros)
    {
        for (var i = 0; i < scales.Length; i++) scales[i] = (float)(Half)(_scale * (1 + (((((first + i) * Groups) + group) % 64) / 64f)) / 1.5f);
        zeros.Fill(Zero);
    }
}
