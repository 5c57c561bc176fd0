using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Assembles one routine <c>void kernel(AssembledTileArguments*)</c> in the machine's calling convention. Between <see cref="Begin"/> and
/// <see cref="End"/> it may use <see cref="Arguments"/>, the other registers that it lists, all vector registers and no stack.
/// </summary>
internal sealed class KernelAssembler
{
    private const int SavedVectors = 10;
    private static readonly AssemblerRegisterZMM[] Vectors =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15,
        zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27, zmm28, zmm29, zmm30, zmm31,
    ];

    /// <summary>Gets the register that holds the address of the arguments.</summary>
    public static AssemblerRegister64 Arguments => rdi;

    /// <summary>Gets the assembler.</summary>
    public Assembler Code { get; } = new(64);

    /// <summary>The vector register with an index from 0 to 31.</summary>
    public static AssemblerRegisterZMM Vector(int index) => Vectors[index];

    /// <summary>A field of the arguments in memory.</summary>
    public static AssemblerMemoryOperand Argument(string field) =>
        __qword_ptr[Arguments + (int)Marshal.OffsetOf<AssembledTileArguments>(field)];

    /// <summary>Loads a field of the arguments.</summary>
    public void Load(AssemblerRegister64 register, string field) => Code.mov(register, Argument(field));

    /// <summary>Zeroes the outputs of a tile of <paramref name="rows"/> rows where the arguments say that its sums start there. Changes r8 and zmm0.</summary>
    public void ClearOutputs(int rows)
    {
        var kept = Code.CreateLabel();
        Code.cmp(Argument(nameof(AssembledTileArguments.IsFirst)), 0);
        Code.je(kept);
        Code.vpxord(zmm0, zmm0, zmm0);
        Load(r8, nameof(AssembledTileArguments.Output));
        for (var row = 0; row < rows; row++)
        {
            Code.vmovups(__[r8], zmm0);
            Code.vmovups(__[r8 + 64], zmm0);
            Code.add(r8, Argument(nameof(AssembledTileArguments.OutputStride)));
        }

        Code.Label(ref kept);
    }

    /// <summary>Takes the arguments' address and saves what the caller wants back.</summary>
    public void Begin()
    {
        if (!OperatingSystem.IsWindows()) return;
        Code.push(rdi);
        Code.push(rsi);
        Code.sub(rsp, SavedVectors * 16);
        for (var i = 0; i < SavedVectors; i++) Code.vmovups(__[rsp + (i * 16)], Saved(i));
        Code.mov(rdi, rcx);
    }

    /// <summary>Gives back what was saved and returns.</summary>
    public void End()
    {
        Code.vzeroupper();
        if (OperatingSystem.IsWindows())
        {
            for (var i = 0; i < SavedVectors; i++) Code.vmovups(Saved(i), __[rsp + (i * 16)]);
            Code.add(rsp, SavedVectors * 16);
            Code.pop(rsi);
            Code.pop(rdi);
        }

        Code.ret();
    }

    /// <summary>The routine's bytes, which don't depend on where they lie.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        Code.Assemble(new StreamCodeWriter(bytes), 0);
        return bytes.ToArray();
    }

    // Windows wants xmm6..xmm15 back.
    private static AssemblerRegisterXMM Saved(int index) => index switch
    {
        0 => xmm6,
        1 => xmm7,
        2 => xmm8,
        3 => xmm9,
        4 => xmm10,
        5 => xmm11,
        6 => xmm12,
        7 => xmm13,
        8 => xmm14,
        _ => xmm15,
    };
}
