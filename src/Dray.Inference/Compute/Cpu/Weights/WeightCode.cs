namespace Dray.Inference.Compute.Cpu;

/// <summary>Which of <see cref="WeightCodes"/> a packed matrix uses.</summary>
internal enum WeightCode
{
    Nibbles,
    OffsetNibbles,
    Bytes,
    BrainFloats,
    Floats,
}
