using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// R rows × 32 outputs in AMX-BF16: <c>tdpbf16ps</c> multiplies 32 bf16 inputs of up to 16 rows by as many weights of 16 outputs and adds to
/// 16 × 16 float32 sums: even and odd inputs each in order, then the two, then what was there. A step of 32 inputs meets each sum so, whatever R.
/// </summary>
internal sealed class MatrixBrainFloatKernel
{
    /// <summary>The most rows.</summary>
    public const int MaxRows = 2 * MatrixTiles.MaxRows;

    private static readonly AssemblerRegister64[] Saved = [rbx, r12, r13];

    private readonly KernelAssembler _kernel = new();
    private readonly int _rows;

    private MatrixBrainFloatKernel(int rows) => _rows = rows;

    private Assembler Code => _kernel.Code;

    private int InputTiles => _rows > MatrixTiles.MaxRows ? 2 : 1;

    /// <summary>Assembles the routine for <paramref name="rows"/> rows; it takes one segment.</summary>
    public static byte[] Assemble(int rows) => new MatrixBrainFloatKernel(rows).Assemble();

    private byte[] Assemble()
    {
        _kernel.Begin();
        foreach (var register in Saved) Code.push(register);
        _kernel.Load(r12, nameof(AssembledTileArguments.Scratch));
        MatrixTiles.Configure(Code, r12, Math.Min(_rows, MatrixTiles.MaxRows), Math.Max(_rows - MatrixTiles.MaxRows, 0));
        _kernel.Load(rsi, nameof(AssembledTileArguments.Words));
        _kernel.Load(rdx, nameof(AssembledTileArguments.Inputs));
        _kernel.Load(r10, nameof(AssembledTileArguments.SegmentSteps));
        var (added, started) = (Code.CreateLabel(), Code.CreateLabel());
        _kernel.JumpUnlessFirst(added);
        for (var i = 0; i < InputTiles * 2; i++) Code.tilezero(MatrixTiles.Sums(i / 2, i % 2));
        Code.jmp(started);
        Code.Label(ref added);
        MoveSums(isLoad: true);
        Code.Label(ref started);
        Code.mov(ebx, MatrixTiles.WeightStride);
        Code.mov(r13d, MatrixTiles.RowBytes);
        var step = Code.CreateLabel();
        Code.Label(ref step);
        Code.tileloadd(MatrixTiles.Weights(0), __[rsi + rbx]);
        Code.tileloadd(MatrixTiles.Weights(1), __[rsi + rbx + MatrixTiles.RowBytes]);
        for (var i = 0; i < InputTiles; i++)
        {
            Code.tileloadd(MatrixTiles.Inputs(i), __[rdx + r13 + (i * MatrixTiles.TileBytes)]);
            for (var half = 0; half < 2; half++) Code.tdpbf16ps(MatrixTiles.Sums(i, half), MatrixTiles.Inputs(i), MatrixTiles.Weights(half));
        }

        Code.add(rsi, MatrixTiles.WeightRows * MatrixTiles.WeightStride);
        Code.add(rdx, _rows * MatrixTiles.RowBytes);
        Code.dec(r10);
        Code.jnz(step);
        MoveSums(isLoad: false);
        Code.tilerelease();
        foreach (var register in Saved.Reverse()) Code.pop(register);
        _kernel.End();
        return _kernel.ToBytes();
    }

    /// <summary>Moves the sums between the tiles and the outputs. Changes rax and r8.</summary>
    private void MoveSums(bool isLoad)
    {
        _kernel.Load(r8, nameof(AssembledTileArguments.Output));
        _kernel.Load(rax, nameof(AssembledTileArguments.OutputStride));
        for (var i = 0; i < InputTiles; i++)
        {
            for (var half = 0; half < 2; half++)
            {
                var (sums, place) = (MatrixTiles.Sums(i, half), __[r8 + rax + (half * MatrixTiles.RowBytes)]);
                if (isLoad) Code.tileloadd(sums, place);
                else Code.tilestored(place, sums);
            }

            if (i + 1 == InputTiles) break;
            Code.imul(r9, rax, MatrixTiles.MaxRows);
            Code.add(r8, r9);
        }
    }
}
