namespace Dray.Inference.Checkpoints;

/// <summary>Matrices that are stored alike.</summary>
/// <param name="Bits">Bits of a weight.</param>
/// <param name="GroupSize">Inputs that share a scale, or null where the matrices are not quantized.</param>
/// <param name="Count">How many matrices.</param>
/// <param name="Parameters">How many weights they have together.</param>
public sealed record MatrixCount(int Bits, int? GroupSize, int Count, long Parameters);
