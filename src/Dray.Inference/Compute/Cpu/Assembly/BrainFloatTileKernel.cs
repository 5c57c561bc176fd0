using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// A register tile of R rows × 32 outputs in AVX512-BF16: <c>vdpbf16ps</c> multiplies two bf16 weights of 16 outputs by two bf16 inputs of a
/// row and adds the products to 16 float32 sums. Each sum meets the inputs in order, whatever R.
/// </summary>
internal sealed class BrainFloatTileKernel
{
    /// <summary>The most rows of a tile.</summary>
    public const int MaxRows = 12;

    private const int Scratch = 24;
    private const int PrefetchBytes = 4096;

    private readonly KernelAssembler _kernel = new();
    private readonly int _rows;

    private BrainFloatTileKernel(int rows) => _rows = rows;

    private Assembler Code => _kernel.Code;

    /// <summary>Assembles the routine for <paramref name="rows"/> rows; it takes one segment.</summary>
    public static byte[] Assemble(int rows) => new BrainFloatTileKernel(rows).Assemble();

    private byte[] Assemble()
    {
        _kernel.Begin();
        StartSums();
        _kernel.Load(rsi, nameof(AssembledTileArguments.Words));
        _kernel.Load(rdx, nameof(AssembledTileArguments.Inputs));
        _kernel.Load(r10, nameof(AssembledTileArguments.SegmentWords));
        var (broadcast, left, right) = (KernelAssembler.Vector(Scratch), KernelAssembler.Vector(Scratch + 1), KernelAssembler.Vector(Scratch + 2));
        var word = Code.CreateLabel();
        Code.Label(ref word);
        Code.vmovups(left, __[rsi]);
        Code.vmovups(right, __[rsi + 64]);
        Code.prefetcht0(__[rsi + PrefetchBytes]);
        Code.prefetcht0(__[rsi + PrefetchBytes + 64]);
        for (var row = 0; row < _rows; row++)
        {
            Code.vbroadcastss(broadcast, __dword_ptr[rdx + (row * 4)]);
            Code.vdpbf16ps(KernelAssembler.Vector(row * 2), left, broadcast);
            Code.vdpbf16ps(KernelAssembler.Vector((row * 2) + 1), right, broadcast);
        }

        Code.add(rsi, WeightStrip.Width * sizeof(uint));
        Code.add(rdx, _rows * 4);
        Code.dec(r10);
        Code.jnz(word);
        _kernel.ForOutputs(_rows, (index, place) => Code.vmovups(place, KernelAssembler.Vector(index)));
        _kernel.End();
        return _kernel.ToBytes();
    }

    private void StartSums()
    {
        var (added, started) = (Code.CreateLabel(), Code.CreateLabel());
        _kernel.JumpUnlessFirst(added);
        for (var i = 0; i < 2 * _rows; i++) Code.vpxord(KernelAssembler.Vector(i), KernelAssembler.Vector(i), KernelAssembler.Vector(i));
        Code.jmp(started);
        Code.Label(ref added);
        _kernel.ForOutputs(_rows, (index, place) => Code.vmovups(KernelAssembler.Vector(index), place));
        Code.Label(ref started);
    }
}
