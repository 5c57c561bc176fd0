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

    /// <summary>Nothing yet, for a layer that has a scheme.</summary>
    internal static QuantizedWeight For(BlockLayer layer) => new(
        layer.Outputs,
        layer.Inputs,
        layer.Scheme ?? throw new ArgumentException($"{layer.Name} has no scheme to be quantized by; leave it as it is.", nameof(layer)));

    /// <summary>Where the codes of a group, 0..N·G − 1, are.</summary>
    internal (int Start, int Length) Span(int group)
    {
        var (row, column) = Math.DivRem(group, Groups);
        var width = Scheme.GroupWidth(Inputs);
        return ((row * Inputs) + (column * width), Math.Min(width, Inputs - (column * width)));
    }

    /// <summary>A group's grid.</summary>
    internal Grid GridOf(int group) => new(Scales[group], Zeros[group]);

    /// <summary>Sets a group's grid.</summary>
    internal void Set(int group, Grid grid) => (Scales[group], Zeros[group]) = (grid.Scale, (byte)grid.Zero);

    /// <summary>Copies codes, scales and zeros to a weight of the same shape and scheme.</summary>
    internal void CopyTo(QuantizedWeight other)
    {
        Codes.CopyTo(other.Codes, 0);
        Scales.CopyTo(other.Scales, 0);
        Zeros.CopyTo(other.Zeros, 0);
    }
}
