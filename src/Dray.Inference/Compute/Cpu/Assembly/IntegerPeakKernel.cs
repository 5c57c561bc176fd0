using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Dray.Inference.Compute.Cpu;

/// <summary><c>vpdpbusd</c> back to back on independent registers: what the processor can do at most with it.</summary>
internal static class IntegerPeakKernel
{
    /// <summary>Multiply-adds of 8-bit integers in each of the routine's <see cref="AssembledTileArguments.Segments"/> rounds.</summary>
    public const int ProductsPerRound = Sums * 64;

    private const int Sums = 24;

    /// <summary>Assembles the routine; it reads nothing but the number of rounds and writes nothing.</summary>
    public static byte[] Assemble()
    {
        var kernel = new KernelAssembler();
        var code = kernel.Code;
        kernel.Begin();
        kernel.Load(r10, nameof(AssembledTileArguments.Segments));
        var (left, right) = (KernelAssembler.Vector(Sums), KernelAssembler.Vector(Sums + 1));
        code.vpternlogd(left, left, left, 0xFF);
        code.vpternlogd(right, right, right, 0xFF);
        for (var i = 0; i < Sums; i++) code.vpxord(KernelAssembler.Vector(i), KernelAssembler.Vector(i), KernelAssembler.Vector(i));
        var round = code.CreateLabel();
        code.Label(ref round);
        for (var i = 0; i < Sums; i++) code.vpdpbusd(KernelAssembler.Vector(i), left, right);
        code.dec(r10);
        code.jnz(round);
        kernel.End();
        return kernel.ToBytes();
    }
}
