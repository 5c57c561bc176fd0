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

    /// <summary>Calls <paramref name="move"/> with each vector of a tile's outputs. Changes r8.</summary>
    public void ForOutputs(int rows, Action<int, AssemblerMemoryOperand> move)
    {
        Load(r8, nameof(AssembledTileArguments.Output));
        for (var row = 0; row < rows; row++)
        {
            for (var half = 0; half < 2; half++) move((row * 2) + half, __[r8 + (half * 64)]);
            if (row < rows - 1) Code.add(r8, Argument(nameof(AssembledTileArguments.OutputStride)));
        }
    }

    /// <summary>Jumps to <paramref name="label"/> unless the arguments say that sums start from zero.</summary>
    public void JumpUnlessFirst(Label label)
    {
        Code.cmp(Argument(nameof(AssembledTileArguments.IsFirst)), 0);
        Code.je(label);
    }

    /// <summary>A vector of a tile's totals so far, in the order of <see cref="ForOutputs"/>.</summary>
    /// <param name="sums">The register that holds the address of <see cref="AssembledTileArguments.Sums"/>.</param>
    /// <param name="index">Which.</param>
    public static AssemblerMemoryOperand Total(AssemblerRegister64 sums, int index) => __zmmword_ptr[sums + (index * 64)];

    /// <summary>Starts a tile's totals: zeros, or what the outputs hold. Changes r8, zmm0, and r9 to their address.</summary>
    public void StartTotals(int rows)
    {
        var (added, started) = (Code.CreateLabel(), Code.CreateLabel());
        Load(r9, nameof(AssembledTileArguments.Sums));
        JumpUnlessFirst(added);
        Code.vpxord(zmm0, zmm0, zmm0);
        for (var i = 0; i < 2 * rows; i++) Code.vmovups(Total(r9, i), zmm0);
        Code.jmp(started);
        Code.Label(ref added);
        ForOutputs(rows, (index, place) =>
        {
            Code.vmovups(zmm0, place);
            Code.vmovups(Total(r9, index), zmm0);
        });
        Code.Label(ref started);
    }

    /// <summary>Moves a tile's totals to the outputs. Changes vectors, r8, and r9 to the totals' address.</summary>
    public void FinishTotals(int rows)
    {
        Load(r9, nameof(AssembledTileArguments.Sums));
        ForOutputs(rows, (index, place) =>
        {
            var vector = Vector(index % Vectors.Length);
            Code.vmovups(vector, Total(r9, index));
            Code.vmovups(place, vector);
        });
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
