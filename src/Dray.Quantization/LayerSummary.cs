namespace Dray.Quantization;

/// <summary>Layers of one name, shape and scheme.</summary>
/// <param name="Name">Their name within a block, such as <c>mlp.up_proj</c>.</param>
/// <param name="Outputs">N.</param>
/// <param name="Inputs">K.</param>
/// <param name="Bits">Bits of a weight; 16 where they stay as they are.</param>
/// <param name="GroupSize">Inputs that share a scale, -1 for a whole row; null where they stay as they are.</param>
/// <param name="Symmetric">Whether zero points are in the middle; null where they stay as they are.</param>
/// <param name="Count">How many there are.</param>
public sealed record LayerSummary(string Name, int Outputs, int Inputs, int Bits, int? GroupSize, bool? Symmetric, int Count);
