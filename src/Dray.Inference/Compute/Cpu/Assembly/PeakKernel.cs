using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Dray.Inference.Compute.Cpu;

/// <summary>A loop of one matrix instruction on sums that don't depend on each other, and nothing else: what no kernel can be faster than.</summary>
internal static class PeakKernel
{
    private const int VectorSums = 24;
    private const int TileSums = 4;

    /// <summary>The instruction's name.</summary>
    public static string NameOf(MatrixInstruction instruction) => instruction switch
    {
        MatrixInstruction.ByteVectors => "vpdpbusd",
        MatrixInstruction.BrainFloatVectors => "vdpbf16ps",
        MatrixInstruction.ByteTiles => "tdpbssd",
        _ => "tdpbf16ps",
    };

    /// <summary>Products of a turn of the loop.</summary>
    public static long Products(MatrixInstruction instruction) => instruction switch
    {
        MatrixInstruction.ByteVectors => VectorSums * 64,
        MatrixInstruction.BrainFloatVectors => VectorSums * 32,
        MatrixInstruction.ByteTiles => TileSums * 16 * 16 * 64,
        _ => TileSums * 16 * 16 * 32,
    };

    /// <summary>Assembles it; it takes <see cref="AssembledTileArguments.Segments"/> turns and, with tiles, <see cref="AssembledTileArguments.Scratch"/>.</summary>
    public static byte[] Assemble(MatrixInstruction instruction)
    {
        var kernel = new KernelAssembler();
        var code = kernel.Code;
        var isTiles = instruction is MatrixInstruction.ByteTiles or MatrixInstruction.BrainFloatTiles;
        kernel.Begin();
        if (isTiles)
        {
            kernel.Load(r8, nameof(AssembledTileArguments.Scratch));
            MatrixTiles.Configure(code, r8, MatrixTiles.MaxRows, MatrixTiles.MaxRows);
        }

        for (var i = 0; i < 32; i++) code.vpxord(KernelAssembler.Vector(i), KernelAssembler.Vector(i), KernelAssembler.Vector(i));
        kernel.Load(r10, nameof(AssembledTileArguments.Segments));
        var turn = code.CreateLabel();
        code.Label(ref turn);
        for (var i = 0; i < (isTiles ? TileSums : VectorSums); i++) Multiply(code, instruction, i);
        code.dec(r10);
        code.jnz(turn);
        if (isTiles) code.tilerelease();
        kernel.End();
        return kernel.ToBytes();
    }

    private static void Multiply(Assembler code, MatrixInstruction instruction, int index)
    {
        var (sum, left, right) = (KernelAssembler.Vector(index), KernelAssembler.Vector(30), KernelAssembler.Vector(31));
        var (sums, inputs, weights) = (MatrixTiles.Sums(index / 2 % 2, index % 2), MatrixTiles.Inputs(index / 2 % 2), MatrixTiles.Weights(index % 2));
        switch (instruction)
        {
            case MatrixInstruction.ByteVectors: code.vpdpbusd(sum, left, right); break;
            case MatrixInstruction.BrainFloatVectors: code.vdpbf16ps(sum, left, right); break;
            case MatrixInstruction.ByteTiles: code.tdpbssd(sums, inputs, weights); break;
            default: code.tdpbf16ps(sums, inputs, weights); break;
        }
    }
}
