namespace Dray.Inference.Models;

/// <summary>A picture's patches: <paramref name="Columns"/> × <paramref name="Rows"/>, row-major.</summary>
public readonly record struct PatchGrid(int Columns, int Rows)
{
    /// <summary>Gets the number of patches.</summary>
    public int Patches => Columns * Rows;
}
