using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// A register tile of R rows × 32 outputs in AVX512-VNNI: <c>vpdpbusd</c> multiplies four codes of 16 outputs by four int8 inputs of a row and
/// adds the products to 16 int32 sums. Inputs of 16 bits are two planes of int8, high and low, with sums of their own.
/// </summary>
/// <remarks>
/// <code>
///  per word:      two loads; codes are split into even and odd nibbles, four to a 32-bit lane (three instructions a vector)
///                 per lane (a row's plane) and half of the word: one broadcast, two vpdpbusd
///  per segment:   sum = high · 256 + low − zero · Σ inputs;   output += float(sum) · (scale of the output · scale of the row)
///                 where one zero point is all outputs', low starts from minus its product with Σ inputs, which the inputs bring along
/// </code>
/// Products of codes to 255 with inputs to ±32639 over 128 inputs stay below 2³¹, and int32 sums wrap in between without harm.
/// </remarks>
internal sealed class IntegerTileKernel
{
    /// <summary>The most lanes, rows times planes, of a tile.</summary>
    public const int MaxLanes = 12;

    private const int Scratch = 24;
    private const int PrefetchBytes = 4096;

    private readonly KernelAssembler _kernel = new();
    private readonly int _rows;
    private readonly int _planes;
    private readonly bool _isNibbles;
    private readonly bool _hasOffsets;
    private readonly int _copies;

    private IntegerTileKernel(int rows, int planes, bool isNibbles, bool hasOffsets)
    {
        (_rows, _planes, _isNibbles, _hasOffsets) = (rows, planes, isNibbles, hasOffsets);
        // With few lanes, even and odd nibbles have sums of their own, so that more multiplications are under way at once.
        _copies = isNibbles && Lanes * 2 <= MaxLanes ? 2 : 1;
    }

    private int Lanes => _rows * _planes;

    private Assembler Code => _kernel.Code;

    /// <summary>Assembles the routine for <paramref name="rows"/> rows.</summary>
    /// <param name="rows">R.</param>
    /// <param name="planes">1 for int8 inputs, 2 for 16 bits.</param>
    /// <param name="isNibbles">Whether a word holds eight 4-bit codes; else four bytes.</param>
    /// <param name="hasOffsets">Whether each output of a group has a zero point of its own.</param>
    public static byte[] Assemble(int rows, int planes, bool isNibbles, bool hasOffsets) =>
        new IntegerTileKernel(rows, planes, isNibbles, hasOffsets).Assemble();

    /// <summary>The sum of a lane's products with 16 outputs.</summary>
    private static AssemblerRegisterZMM Sum(int lane, int half) => KernelAssembler.Vector((lane * 2) + half);

    private AssemblerRegisterZMM Sum(int copy, int lane, int half) => Sum((copy * Lanes) + lane, half);

    private byte[] Assemble()
    {
        _kernel.Begin();
        _kernel.StartTotals(_rows);
        _kernel.Load(rsi, nameof(AssembledTileArguments.Words));
        _kernel.Load(rcx, nameof(AssembledTileArguments.Scales));
        if (_hasOffsets) _kernel.Load(rax, nameof(AssembledTileArguments.Zeros));
        _kernel.Load(rdx, nameof(AssembledTileArguments.Inputs));
        _kernel.Load(r11, nameof(AssembledTileArguments.Segments));
        if (_isNibbles)
        {
            Code.mov(r10d, 0x0F0F0F0F);
            Code.vpbroadcastd(Mask, r10d);
        }

        var segment = Code.CreateLabel();
        Code.Label(ref segment);
        StartSums();
        // The segment's row scales and sums are read after its products.
        Code.mov(r8, rdx);
        Code.add(rdx, _rows * 8);
        _kernel.Load(r10, nameof(AssembledTileArguments.SegmentWords));
        var word = Code.CreateLabel();
        Code.Label(ref word);
        Products();
        Code.add(rsi, WeightStrip.Width * sizeof(uint));
        Code.add(rdx, Lanes * (_isNibbles ? 8 : 4));
        Code.dec(r10);
        Code.jnz(word);
        Finish();
        Code.add(rcx, KernelAssembler.Argument(nameof(AssembledTileArguments.ScaleStep)));
        if (_hasOffsets) Code.add(rax, KernelAssembler.Argument(nameof(AssembledTileArguments.ScaleStep)));
        Code.dec(r11);
        Code.jnz(segment);
        _kernel.FinishTotals(_rows);
        _kernel.End();
        return _kernel.ToBytes();
    }

    private static AssemblerRegisterZMM Mask => KernelAssembler.Vector(31);

    private void StartSums()
    {
        for (var i = 0; i < _copies * Lanes * 2; i++)
        {
            var (sum, lane) = (KernelAssembler.Vector(i), i / 2);
            // The last plane is the low one; of two copies the first takes the zero point's part.
            if (!_hasOffsets && lane < Lanes && lane % _planes == _planes - 1) Code.vpbroadcastd(sum, InputSum(lane / _planes));
            else Code.vpxord(sum, sum, sum);
        }
    }

    private AssemblerMemoryOperand InputSum(int row) => __dword_ptr[rdx + (_rows * 4) + (row * 4)];

    private void Products()
    {
        var broadcast = KernelAssembler.Vector(Scratch + 4);
        for (var half = 0; half < 2; half++)
        {
            var (even, odd) = (KernelAssembler.Vector(Scratch + half), KernelAssembler.Vector(Scratch + 2 + half));
            Code.prefetcht0(__[rsi + PrefetchBytes + (half * 64)]);
            if (!_isNibbles)
            {
                Code.vmovdqu32(even, __[rsi + (half * 64)]);
                continue;
            }

            Code.vmovdqu32(odd, __[rsi + (half * 64)]);
            Code.vpandd(even, odd, Mask);
            Code.vpsrld(odd, odd, 4);
            Code.vpandd(odd, odd, Mask);
        }

        for (var part = 0; part < (_isNibbles ? 2 : 1); part++)
        {
            for (var lane = 0; lane < Lanes; lane++)
            {
                var copy = part % _copies;
                Code.vpbroadcastd(broadcast, __dword_ptr[rdx + (lane * (_isNibbles ? 8 : 4)) + (part * 4)]);
                for (var half = 0; half < 2; half++)
                    Code.vpdpbusd(Sum(copy, lane, half), KernelAssembler.Vector(Scratch + (2 * part) + half), broadcast);
            }
        }
    }

    private void Finish()
    {
        var (zeros, scales, product) = (Scratch, Scratch + 2, KernelAssembler.Vector(Scratch + 4));
        for (var half = 0; half < 2; half++)
        {
            if (_hasOffsets) Code.vcvtps2dq(KernelAssembler.Vector(zeros + half), __zmmword_ptr[rax + (half * 64)]);
            Code.vmovups(KernelAssembler.Vector(scales + half), __[rcx + (half * 64)]);
        }

        for (var row = 0; row < _rows; row++)
        {
            for (var half = 0; half < 2; half++)
            {
                var sum = Sum(row * _planes, half);
                for (var plane = 0; plane < _planes; plane++)
                {
                    if (_copies == 2) Code.vpaddd(Sum((row * _planes) + plane, half), Sum((row * _planes) + plane, half), Sum(1, (row * _planes) + plane, half));
                    if (plane == 0) continue;
                    Code.vpslld(sum, sum, 8);
                    Code.vpaddd(sum, sum, Sum((row * _planes) + plane, half));
                }

                if (_hasOffsets)
                {
                    Code.vpmulld(product, KernelAssembler.Vector(zeros + half), __dword_bcst[r8 + (_rows * 4) + (row * 4)]);
                    Code.vpsubd(sum, sum, product);
                }

                Code.vcvtdq2ps(sum, sum);
                Code.vmulps(product, KernelAssembler.Vector(scales + half), __dword_bcst[r8 + (row * 4)]);
                Code.vfmadd213ps(sum, product, KernelAssembler.Total(r9, (row * 2) + half));
                Code.vmovups(KernelAssembler.Total(r9, (row * 2) + half), sum);
            }
        }
    }
}
