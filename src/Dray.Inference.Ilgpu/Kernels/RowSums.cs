namespace Dray.Inference.Ilgpu.Kernels;

/// <summary>Eight running sums, one per row of a tile, in registers.</summary>
internal struct RowSums
{
    public float A0, A1, A2, A3, A4, A5, A6, A7;
}
