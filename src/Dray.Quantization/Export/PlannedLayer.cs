using Dray.Quantization.Rounding;

namespace Dray.Quantization.Export;

/// <summary>What becomes of a linear layer.</summary>
/// <param name="Name">Its name within its block, such as <c>mlp.up_proj</c>.</param>
/// <param name="Module">Its canonical name.</param>
/// <param name="StoredName">Its name in the files.</param>
/// <param name="Outputs">N.</param>
/// <param name="Inputs">K.</param>
/// <param name="Scheme">How it is quantized; null where it stays as it is.</param>
/// <param name="KeptType">Where it stays as it is, the data type that the configuration calls it: <c>float</c> at the user's wish, <c>fp</c> by its shape.</param>
internal sealed record PlannedLayer(
    string Name, string Module, string StoredName, int Outputs, int Inputs, WeightScheme? Scheme, string? KeptType);
