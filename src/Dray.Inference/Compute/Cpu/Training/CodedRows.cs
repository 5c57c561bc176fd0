namespace Dray.Inference.Compute.Cpu;

/// <summary>The codes of a linear layer during training, <c>W[n, k] = scale[n, k / g] · (code[n, k] − zero[n, k / g])</c>.</summary>
/// <param name="Outputs">N, a multiple of 32.</param>
/// <param name="Codes">[N, K].</param>
/// <param name="Scales">[N, G].</param>
/// <param name="Zeros">[N, G].</param>
internal readonly record struct CodedRows(int Outputs, byte[] Codes, float[] Scales, byte[] Zeros);
