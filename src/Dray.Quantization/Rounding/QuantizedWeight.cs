namespace Dray.Quantization.Rounding;

/// <summary>
/// A linear layer's quantized weights, <c>W[n, k] = scale[n, k / g] · (code[n, k] − zero[n, k / g])</c>: what rounding makes, tuning changes in
/// place and the exporter packs.
/// </summary>
/// <param name="outputs">N.</param>
/// <param name="inputs">K.</param>
/// <param name="scheme">Bits, group size, symmetry.</param>
public sealed class QuantizedWeight(int outputs, int inputs, WeightScheme scheme)
{
    /// <summary>Gets N.</summary>
    public int Outputs { get; } = outputs;

    /// <summary>Gets K.</summary>
    public int Inputs { get; } = inputs;

    /// <summary>Gets the scheme.</summary>
    public WeightScheme Scheme { get; } = scheme;

    /// <summary>Gets G, the groups of a row.</summary>
    public int Groups { get; } = scheme.Groups(inputs);

    /// <summary>Gets the codes, 0..2^bits − 1, [N, K].</summary>
    public byte[] Codes { get; } = new byte[checked(outputs * inputs)];

    /// <summary>Gets the scales, [N, G]: as exported, so fp16 values, possibly negative.</summary>
    public float[] Scales { get; } = new float[checked(outputs * scheme.Groups(inputs))];

    /// <summary>Gets the true zero points, [N, G]; 2^(bits − 1) everywhere in a symmetric scheme.</summary>
    public byte[] Zeros { get; } = new byte[checked(outputs * scheme.Groups(inputs))];
}
