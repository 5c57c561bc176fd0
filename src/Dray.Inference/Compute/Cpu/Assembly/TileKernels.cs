namespace Dray.Inference.Compute.Cpu;

/// <summary>Routines of one kind by number of rows, and the code that they are in.</summary>
/// <param name="code">What holds the routines; it must outlive their use.</param>
/// <param name="first">The index of the routine for one row.</param>
/// <param name="maxRows">The most rows of a tile.</param>
internal sealed unsafe class TileKernels(ExecutableCode code, int first, int maxRows)
{
    /// <summary>Gets the most rows of a tile.</summary>
    public int MaxRows => maxRows;

    /// <summary>Computes a tile of <paramref name="rows"/> rows.</summary>
    public void Run(int rows, AssembledTileArguments* arguments) =>
        ((delegate* unmanaged<AssembledTileArguments*, void>)code.Entries[first + rows - 1])(arguments);
}
