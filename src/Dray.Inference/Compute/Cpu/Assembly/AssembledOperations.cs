using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// AVX-512 with products by routines that were assembled at start: AVX512-VNNI for quantised weights and, where the processor has it,
/// AVX512-BF16 for bf16 weights. Everything else is AVX-512 F.
/// </summary>
internal sealed unsafe class AssembledOperations : CpuOperations<Avx512Simd, Vector512<float>>
{
    private const int MaxChunkRows = 512;
    private const long ProductsPerThread = 400_000;

    private readonly int _planes;
    private readonly ExecutableCode _code;
    private readonly TileKernels _nibbles;
    private readonly TileKernels _bytes;
    private readonly TileKernels? _brainFloats;

    /// <summary>Assembles the routines.</summary>
    /// <param name="precision">The precision of quantised weights' inputs.</param>
    /// <param name="hasBrainFloats">Whether the processor has AVX512-BF16.</param>
    /// <exception cref="ExecutableMemoryException">The system doesn't let assembled code be executed.</exception>
    public AssembledOperations(ActivationPrecision precision, bool hasBrainFloats)
    {
        _planes = precision == ActivationPrecision.Bits16 ? 2 : 1;
        var rows = IntegerTileKernel.MaxLanes / _planes;
        var routines = new List<byte[]>();
        for (var i = 1; i <= rows; i++) routines.Add(IntegerTileKernel.Assemble(i, _planes, isNibbles: true));
        for (var i = 1; i <= rows; i++) routines.Add(IntegerTileKernel.Assemble(i, _planes, isNibbles: false));
        for (var i = 1; hasBrainFloats && i <= BrainFloatTileKernel.MaxRows; i++) routines.Add(BrainFloatTileKernel.Assemble(i));
        _code = new ExecutableCode(routines);
        _nibbles = new TileKernels(_code, 0, rows);
        _bytes = new TileKernels(_code, rows, rows);
        if (hasBrainFloats) _brainFloats = new TileKernels(_code, 2 * rows, BrainFloatTileKernel.MaxRows);
    }

    public override InputForm? FormFor(PackedPart part) => part.Code switch
    {
        WeightCode.Nibbles or WeightCode.OffsetNibbles => new IntegerInputs(part, _planes, _nibbles),
        WeightCode.Bytes => new IntegerInputs(part, _planes, _bytes),
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
            Multiply(team, workspace, new RowView(x.SliceRows(first, rows)), weight, weight.Form, new RowView(y.SliceRows(first, rows)), accumulate);
        }
    }

    public override void Dispose()
    {
        _code.Dispose();
        base.Dispose();
    }

    private static void Multiply(ThreadTeam team, Workspace workspace, RowView x, MatrixSpan weight, InputForm form, RowView y, bool accumulate)
    {
        var split = new TileSplit(x.Rows, form.Kernels.MaxRows);
        var inputs = (byte*)workspace.Shared((nint)x.Rows * form.RowBytes / sizeof(float));
        form.Pack(team, ThreadsFor(team, x.Rows, x.Columns), x, split, inputs);
        var threads = (int)Math.Clamp((long)x.Rows * x.Columns * y.Columns / ProductsPerThread, 1, Math.Min(team.Size, weight.Strips));
        team.Run(new AssembledMatMulJob(workspace, weight, form, inputs, split, y, accumulate), threads);
    }
}
