namespace Dray.Inference.Ilgpu.Tests.TensorCores;

/// <summary>An operand of a PTX instruction: registers (several in braces), or a constant; in brackets a register plus an offset.</summary>
/// <param name="Registers">Indices of registers; empty for a constant.</param>
/// <param name="Constant">The constant's bits, or the offset.</param>
internal sealed record PtxOperand(int[] Registers, ulong Constant)
{
    /// <summary>The value as an instruction reads it.</summary>
    public ulong Read(ulong[] registers) => Registers.Length == 0 ? Constant : registers[Registers[0]];

    /// <summary>The address that brackets stand for.</summary>
    public long Address(ulong[] registers) => (long)((Registers.Length == 0 ? 0 : registers[Registers[0]]) + Constant);
}
