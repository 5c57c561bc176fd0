namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>What a matrix in fragment order holds.</summary>
internal enum FragmentKind
{
    /// <summary>4-bit codes, a scale for every 128 inputs.</summary>
    CoarseNibbles,

    /// <summary>4-bit codes, a scale for every 32 inputs.</summary>
    FineNibbles,

    /// <summary>bf16.</summary>
    Dense,
}
