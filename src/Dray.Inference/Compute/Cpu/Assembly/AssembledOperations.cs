using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// AVX-512 with products by routines that were assembled at start: AVX512-VNNI for quantised weights, and AVX512-BF16 or AMX-BF16 for bf16 weights
/// where the processor has it; AMX-INT8 for quantised weights and many rows. Everything else is AVX-512 F.
/// </summary>
internal sealed unsafe class AssembledOperations : CpuOperations<Avx512Simd, Vector512<float>>
{
    private const int MaxChunkRows = 512;
    private const long ProductsPerThread = 400_000;

    private readonly int _planes;
    private readonly ICodeHost _code;
    private readonly TileKernels _nibbles;
    private readonly TileKernels _offsetNibbles;
    private readonly TileKernels _bytes;
    private readonly TileKernels? _brainFloats;
    private readonly TileKernels? _matrixNibbles;
    private readonly TileKernels? _matrixBytes;
    private readonly TileKernels? _matrixBrainFloats;
    private readonly TileKernels _peak;

    /// <summary>Assembles the routines.</summary>
    /// <param name="path">What the processor has: AVX512-VNNI, or that and more.</param>
    /// <param name="precision">The precision of quantised weights' inputs.</param>
    /// <param name="host">Makes what runs the routines; null for executable memory.</param>
    /// <exception cref="ExecutableMemoryException">The system doesn't let assembled code be executed.</exception>
    public AssembledOperations(CpuInstructionSet path, ActivationPrecision precision, Func<IReadOnlyList<byte[]>, ICodeHost>? host = null)
    {
        _planes = precision == ActivationPrecision.Bits16 ? 2 : 1;
        var routines = new List<byte[]>();
        int Add(int maxRows, Func<int, byte[]> assemble)
        {
            var first = routines.Count;
            for (var rows = 1; rows <= maxRows; rows++) routines.Add(assemble(rows));
            return first;
        }

        var (lanes, tiles) = (IntegerTileKernel.MaxLanes / _planes, MatrixIntegerKernel.MaxRows(_planes));
        var nibbles = Add(lanes, rows => IntegerTileKernel.Assemble(rows, _planes, isNibbles: true, hasOffsets: false));
        var offsetNibbles = Add(lanes, rows => IntegerTileKernel.Assemble(rows, _planes, isNibbles: true, hasOffsets: true));
        var bytes = Add(lanes, rows => IntegerTileKernel.Assemble(rows, _planes, isNibbles: false, hasOffsets: true));
        var isMatrix = path == CpuInstructionSet.Amx;
        var brainFloats = Add(path == CpuInstructionSet.Avx512Bf16 ? BrainFloatTileKernel.MaxRows : 0, BrainFloatTileKernel.Assemble);
        var matrixNibbles = Add(isMatrix ? tiles : 0, rows => MatrixIntegerKernel.Assemble(rows, _planes, isNibbles: true));
        var matrixBytes = Add(isMatrix ? tiles : 0, rows => MatrixIntegerKernel.Assemble(rows, _planes, isNibbles: false));
        var matrixBrainFloats = Add(isMatrix ? MatrixBrainFloatKernel.MaxRows : 0, MatrixBrainFloatKernel.Assemble);
        var peak = Add(1, _ => isMatrix ? MatrixPeakKernel.Assemble() : IntegerPeakKernel.Assemble());

        _code = host is null ? new ExecutableCode(routines) : host(routines);
        _peak = new TileKernels(_code, peak, 1);
        _nibbles = new TileKernels(_code, nibbles, lanes);
        _offsetNibbles = new TileKernels(_code, offsetNibbles, lanes);
        _bytes = new TileKernels(_code, bytes, lanes);
        if (path == CpuInstructionSet.Avx512Bf16) _brainFloats = new TileKernels(_code, brainFloats, BrainFloatTileKernel.MaxRows);
        if (!isMatrix) return;
        _matrixNibbles = new TileKernels(_code, matrixNibbles, tiles);
        _matrixBytes = new TileKernels(_code, matrixBytes, tiles);
        _matrixBrainFloats = new TileKernels(_code, matrixBrainFloats, MatrixBrainFloatKernel.MaxRows);
    }

    public override string MultiplyInstruction => $"{(_matrixNibbles is null ? "vpdpbusd" : "tdpbssd")}{(_planes == 2 ? ", two for each 16-bit input" : "")}";

    public override double RunMultiplies(ThreadTeam team, int repeats)
    {
        team.Run(new AssembledPeakJob(_peak, repeats), team.Size);
        var products = _matrixNibbles is null ? IntegerPeakKernel.ProductsPerRound : MatrixPeakKernel.ProductsPerRound;
        return 2.0 * repeats * products / _planes * team.Size;
    }

    public override InputForm? FormFor(PackedPart part) => part.Code switch
    {
        WeightCode.Nibbles => Integers(part, _nibbles, _matrixNibbles),
        WeightCode.OffsetNibbles => Integers(part, _offsetNibbles, _matrixNibbles),
        WeightCode.Bytes => Integers(part, _bytes, _matrixBytes),
        WeightCode.BrainFloats when _matrixBrainFloats is not null => new MatrixBrainFloatInputs(part, _matrixBrainFloats),
        WeightCode.BrainFloats when _brainFloats is not null => new BrainFloatInputs(part, _brainFloats),
        _ => null,
    };

    public override void MatMul(ThreadTeam team, Workspace workspace, Tensor x, MatrixSpan weight, Tensor y, bool accumulate)
    {
        if (weight.Form is null)
        {
            base.MatMul(team, workspace, x, weight, y, accumulate);
            return;
        }

        var chunks = new TileSplit(x.Rows, MaxChunkRows);
        for (var i = 0; i < chunks.Tiles; i++)
        {
            var (first, rows) = (chunks.FirstRow(i), chunks.Height(i));
            Multiply(team, workspace, new RowView(x.SliceRows(first, rows)), weight, weight.Form.For(rows), new RowView(y.SliceRows(first, rows)), accumulate);
        }
    }

    public override void Dispose()
    {
        _code.Dispose();
        base.Dispose();
    }

    private IntegerInputs Integers(PackedPart part, TileKernels kernels, TileKernels? matrix) => new(part, _planes, kernels)
    {
        ForManyRows = matrix is null ? null : new MatrixIntegerInputs(part, _planes, matrix),
    };

    private static void Multiply(ThreadTeam team, Workspace workspace, RowView x, MatrixSpan weight, InputForm form, RowView y, bool accumulate)
    {
        var split = form.Split(x.Rows);
        var inputs = (byte*)workspace.Shared((nint)x.Rows * form.RowBytes / sizeof(float));
        form.Pack(team, ThreadsFor(team, x.Rows, x.Columns), x, split, inputs);
        var threads = (int)Math.Clamp((long)x.Rows * x.Columns * y.Columns / ProductsPerThread, 1, Math.Min(team.Size, weight.Strips));
        team.Run(new AssembledMatMulJob(workspace, weight, form, inputs, split, y, accumulate), threads);
    }
}
