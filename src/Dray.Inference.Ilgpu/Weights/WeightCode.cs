namespace Dray.Inference.Ilgpu.Weights;

/// <summary>The codes of <see cref="IWeightCode"/>.</summary>
internal enum WeightCode
{
    /// <summary><see cref="Weights.Nibbles"/>.</summary>
    Nibbles,

    /// <summary><see cref="Weights.Octets"/>.</summary>
    Octets,

    /// <summary><see cref="Weights.BrainFloats"/>.</summary>
    BrainFloats,

    /// <summary><see cref="Weights.Floats"/>.</summary>
    Floats,
}
