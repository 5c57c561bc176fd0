using static Iced.Intel.AssemblerRegisters;

namespace Dray.Inference.Compute.Cpu;

/// <summary><c>tdpbssd</c> back to back on independent tiles: what the processor can do at most with it, and with <c>tdpbsud</c>.</summary>
internal static class MatrixPeakKernel
{
    /// <summary>Multiply-adds of 8-bit integers in each of the routine's <see cref="AssembledTileArguments.Segments"/> rounds.</summary>
    public const int ProductsPerRound = 4 * 16 * 16 * 64;

    /// <summary>Assembles the routine; it needs room for the tiles' configuration in <see cref="AssembledTileArguments.Scratch"/>.</summary>
    public static byte[] Assemble()
    {
        var kernel = new KernelAssembler();
        var code = kernel.Code;
        kernel.Begin();
        kernel.Load(r8, nameof(AssembledTileArguments.Scratch));
        // Configured tiles are zeros.
        MatrixTiles.Configure(code, r8, MatrixTiles.MaxRows, MatrixTiles.MaxRows);
        kernel.Load(r10, nameof(AssembledTileArguments.Segments));
        var round = code.CreateLabel();
        code.Label(ref round);
        for (var i = 0; i < 4; i++) code.tdpbssd(MatrixTiles.Sums(i / 2, i % 2), MatrixTiles.Inputs(i / 2), MatrixTiles.Weights(i % 2));
        code.dec(r10);
        code.jnz(round);
        code.tilerelease();
        kernel.End();
        return kernel.ToBytes();
    }
}
