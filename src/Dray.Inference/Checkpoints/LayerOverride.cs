namespace Dray.Inference.Checkpoints;

/// <summary>What a quantization configuration says about layers that deviate from its default. Null where it follows the default.</summary>
/// <param name="Pattern">A module's name, or a regular expression that is searched in it.</param>
/// <param name="IsRegex">Which of the two.</param>
/// <param name="Bits">Bits of a code, or 16 and more.</param>
/// <param name="GroupSize">Inputs that share a scale; -1 for a whole row.</param>
/// <param name="Symmetric">Whether the zero point is in the middle.</param>
public sealed record LayerOverride(string Pattern, bool IsRegex, int? Bits, int? GroupSize, bool? Symmetric);
