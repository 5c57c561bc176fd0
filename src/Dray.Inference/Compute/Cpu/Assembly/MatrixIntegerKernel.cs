using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// R rows × 32 outputs in AMX-INT8: <c>tdpbssd</c> or <c>tdpbsud</c> multiplies 64 int8 inputs of up to 16 rows by as many codes of 16 outputs
/// and adds the products to 16 × 16 int32 sums. The two tiles of inputs are the planes of 16-bit inputs, or 32 rows of int8 inputs.
/// </summary>
/// <remarks>
/// <code>
///  per 64 inputs:   four tile loads, four multiplications (16,384 products of int8 each)
///  per segment:     four tile stores; then for each row and half:
///                   sum = high · 256 + low − zero · Σ inputs;   output += float(sum) · (scale of the output · scale of the row)
/// </code>
/// Nibbles come with their zero points taken off. The sums are whole numbers, so the results are bit by bit those of <see cref="IntegerTileKernel"/>.
/// </remarks>
internal sealed class MatrixIntegerKernel
{
    private static readonly AssemblerRegister64[] Saved = [rbx, r12, r13, r14, r15];

    private readonly KernelAssembler _kernel = new();
    private readonly int _rows;
    private readonly int _planes;
    private readonly bool _isNibbles;

    private MatrixIntegerKernel(int rows, int planes, bool isNibbles) => (_rows, _planes, _isNibbles) = (rows, planes, isNibbles);

    private Assembler Code => _kernel.Code;

    private int FirstRows => Math.Min(_rows, MatrixTiles.MaxRows);

    private int SecondRows => _planes == 2 ? _rows : _rows - FirstRows;

    private int InputTiles => SecondRows > 0 ? 2 : 1;

    /// <summary>The most rows of a tile with inputs in <paramref name="planes"/> planes.</summary>
    public static int MaxRows(int planes) => 2 * MatrixTiles.MaxRows / planes;

    /// <summary>Assembles the routine for <paramref name="rows"/> rows.</summary>
    /// <param name="rows">R.</param>
    /// <param name="planes">1 for int8 inputs, 2 for 16 bits.</param>
    /// <param name="isNibbles">Whether codes are signed bytes without zero point; else bytes as packed.</param>
    public static byte[] Assemble(int rows, int planes, bool isNibbles) => new MatrixIntegerKernel(rows, planes, isNibbles).Assemble();

    private byte[] Assemble()
    {
        _kernel.Begin();
        foreach (var register in Saved) Code.push(register);
        _kernel.Load(r12, nameof(AssembledTileArguments.Scratch));
        MatrixTiles.Configure(Code, r12, FirstRows, SecondRows);
        _kernel.Load(rsi, nameof(AssembledTileArguments.Words));
        _kernel.Load(rcx, nameof(AssembledTileArguments.Scales));
        if (!_isNibbles) _kernel.Load(r14, nameof(AssembledTileArguments.Zeros));
        _kernel.Load(r11, nameof(AssembledTileArguments.Segments));
        _kernel.Load(rax, nameof(AssembledTileArguments.SegmentSteps));
        Code.shl(rax, 6);
        Code.mov(ebx, MatrixTiles.WeightStride);
        Code.mov(r13d, MatrixTiles.RowBytes);
        _kernel.StartTotals(_rows);
        _kernel.Load(r9, nameof(AssembledTileArguments.Inputs));
        var segment = Code.CreateLabel();
        Code.Label(ref segment);
        Products();
        Finish();
        // A segment of a row is its scale, its sum and a plane's bytes (rax), once or twice.
        Code.imul(r10, rax, _rows * _planes);
        Code.lea(r9, __[r9 + r10 + (_rows * IntegerInputs.HeaderBytes)]);
        Code.add(rcx, KernelAssembler.Argument(nameof(AssembledTileArguments.ScaleStep)));
        if (!_isNibbles) Code.add(r14, KernelAssembler.Argument(nameof(AssembledTileArguments.ScaleStep)));
        Code.dec(r11);
        Code.jnz(segment);
        _kernel.FinishTotals(_rows);
        Code.tilerelease();
        foreach (var register in Saved.Reverse()) Code.pop(register);
        _kernel.End();
        return _kernel.ToBytes();
    }

    private void Products()
    {
        for (var i = 0; i < InputTiles * 2; i++) Code.tilezero(MatrixTiles.Sums(i / 2, i % 2));
        Code.lea(rdx, __[r9 + (_rows * IntegerInputs.HeaderBytes)]);
        Code.imul(r15, rax, FirstRows);
        Code.add(r15, rdx);
        _kernel.Load(r10, nameof(AssembledTileArguments.SegmentSteps));
        var step = Code.CreateLabel();
        Code.Label(ref step);
        Code.tileloadd(MatrixTiles.Weights(0), __[rsi + rbx]);
        Code.tileloadd(MatrixTiles.Weights(1), __[rsi + rbx + MatrixTiles.RowBytes]);
        for (var i = 0; i < InputTiles; i++)
        {
            Code.tileloadd(MatrixTiles.Inputs(i), __[(i == 0 ? rdx : r15) + rax]);
            for (var half = 0; half < 2; half++)
            {
                if (_isNibbles) Code.tdpbssd(MatrixTiles.Sums(i, half), MatrixTiles.Inputs(i), MatrixTiles.Weights(half));
                else Code.tdpbsud(MatrixTiles.Sums(i, half), MatrixTiles.Inputs(i), MatrixTiles.Weights(half));
            }
        }

        Code.add(rsi, MatrixTiles.WeightRows * MatrixTiles.WeightStride);
        Code.add(rdx, MatrixTiles.RowBytes);
        Code.add(r15, MatrixTiles.RowBytes);
        Code.dec(r10);
        Code.jnz(step);
        for (var i = 0; i < InputTiles * 2; i++) Code.tilestored(__[r12 + r13 + SumsOffset(i / 2, i % 2)], MatrixTiles.Sums(i / 2, i % 2));
    }

    private void Finish()
    {
        for (var half = 0; half < 2; half++)
        {
            Code.vmovups(Scales(half), __[rcx + (half * 64)]);
            if (!_isNibbles) Code.vcvtps2dq(Zeros(half), __zmmword_ptr[r14 + (half * 64)]);
        }

        _kernel.Load(r8, nameof(AssembledTileArguments.Sums));
        for (var row = 0; row < _rows; row++)
        {
            var tile = row / MatrixTiles.MaxRows;
            var offset = row % MatrixTiles.MaxRows * MatrixTiles.RowBytes;
            for (var half = 0; half < 2; half++)
            {
                var (sum, product) = (KernelAssembler.Vector(2 * half), KernelAssembler.Vector((2 * half) + 1));
                Code.vmovdqu32(sum, __[r12 + SumsOffset(tile, half) + offset]);
                if (_planes == 2)
                {
                    Code.vpslld(sum, sum, 8);
                    Code.vpaddd(sum, sum, __zmmword_ptr[r12 + SumsOffset(1, half) + offset]);
                }

                if (!_isNibbles)
                {
                    Code.vpmulld(product, Zeros(half), __dword_bcst[r9 + (_rows * 4) + (row * 4)]);
                    Code.vpsubd(sum, sum, product);
                }

                Code.vcvtdq2ps(sum, sum);
                Code.vmulps(product, Scales(half), __dword_bcst[r9 + (row * 4)]);
                Code.vfmadd213ps(sum, product, KernelAssembler.Total(r8, (2 * row) + half));
                Code.vmovups(KernelAssembler.Total(r8, (2 * row) + half), sum);
            }
        }
    }

    private static AssemblerRegisterZMM Scales(int half) => KernelAssembler.Vector(28 + half);

    private static AssemblerRegisterZMM Zeros(int half) => KernelAssembler.Vector(30 + half);

    private static int SumsOffset(int tile, int half) => MatrixTiles.ConfigurationBytes + (((2 * tile) + half) * MatrixTiles.TileBytes);
}
