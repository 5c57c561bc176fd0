namespace Dray.Inference.Checkpoints;

/// <summary>How a checkpoint's matrices are stored.</summary>
/// <param name="Method">Quantization method as written, such as <c>auto-round</c>.</param>
/// <param name="Packing">Packing format as written, such as <c>auto_round:auto_gptq</c>.</param>
/// <param name="Scheme">The usual name of the default scheme, such as <c>W4A16</c>.</param>
/// <param name="GroupSize">Inputs that share a scale by default; -1 for whole rows.</param>
/// <param name="Symmetric">Whether zero points are in the middle by default.</param>
/// <param name="Matrices">
/// How many matrices there are at which width and group size, as found in the files; 16 and 32 bits are not quantized.
/// </param>
/// <param name="Ignored">Canonical names of the matrices that the configuration excludes by name.</param>
public sealed record QuantizationSummary(
    string Method,
    string Packing,
    string Scheme,
    int GroupSize,
    bool Symmetric,
    IReadOnlyList<MatrixCount> Matrices,
    IReadOnlyList<string> Ignored);
