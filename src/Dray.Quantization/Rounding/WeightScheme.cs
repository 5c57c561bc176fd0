namespace Dray.Quantization.Rounding;

/// <summary>How a linear layer's weights are quantized.</summary>
/// <param name="Bits">Bits of a code: 2, 3, 4 or 8.</param>
/// <param name="GroupSize">Inputs that share a scale; -1 where a whole row does.</param>
/// <param name="IsSymmetric">Whether every zero point is the middle of the code range.</param>
public readonly record struct WeightScheme(int Bits, int GroupSize, bool IsSymmetric)
{
    /// <summary>Gets the scheme of the reference model: 4 bits, groups of 128, symmetric.</summary>
    public static WeightScheme W4A16 => new(4, 128, true);

    /// <summary>Gets the largest code, 2^bits − 1; the least is 0.</summary>
    public int MaxCode => (1 << Bits) - 1;

    /// <summary>Gets the zero point of every group of a symmetric scheme, 2^(bits − 1).</summary>
    public int Middle => 1 << (Bits - 1);

    /// <summary>Inputs per group of a row of <paramref name="inputs"/>: a row shorter than a group is one group.</summary>
    public int GroupWidth(int inputs) => GroupSize == -1 ? inputs : Math.Min(GroupSize, inputs);

    /// <summary>Groups of a row of <paramref name="inputs"/>; the last may be shorter.</summary>
    public int Groups(int inputs) => (inputs + GroupWidth(inputs) - 1) / GroupWidth(inputs);
}
