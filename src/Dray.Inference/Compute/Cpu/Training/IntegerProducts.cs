namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The products that training needs, in integers: <c>y = x · Wᵀ</c> with codes as they are, and for gradients <c>dx = dy · W</c> and
/// <c>dW = dyᵀ · x</c>, whose factors are int8 with a scale per row and <see cref="Depth"/> steps of depth. That costs gradients under 1 % of
/// their size in noise.
/// </summary>
/// <param name="backend">Its threads compute.</param>
/// <param name="kernels">The routines.</param>
internal sealed unsafe class IntegerProducts(CpuBackend backend, TrainingKernels kernels)
{
    /// <summary>Steps of depth that share a scale in the products of gradients. int8 by int8 may be added up 65,000 times within 32 bits.</summary>
    public const int Depth = 256;

    /// <summary>Rows whose inputs are quantised at a time: whole tiles.</summary>
    private const int MaxChunkRows = 42 * IntegerTileKernel.MaxLanes;

    private const int SignedZero = 128;

    private readonly ThreadTeam _team = backend.Team;
    private readonly Workspace _workspace = backend.Workspace;

    /// <summary>Memory for the codes of layers with the same inputs, a right-hand factor [N, K].</summary>
    /// <param name="outputs">N, of all layers together.</param>
    /// <param name="inputs">K, a multiple of 32.</param>
    /// <param name="groupSize">Inputs that share a scale, a multiple of 32.</param>
    /// <param name="zero">The zero point of all codes; null where each output and group has its own.</param>
    public static PackedPart AllocateCodes(int outputs, int inputs, int groupSize, int? zero)
    {
        var shape = new PartShape(outputs, inputs, groupSize, WeightCode.Bytes, zero ?? 0);
        return new PackedPart(shape, new NativeBlock(shape.WordBytes), new NativeBlock(shape.ScaleBytes), zero is null ? new NativeBlock(shape.ScaleBytes) : null);
    }

    /// <summary>Memory for a right-hand factor that is quantised anew, [rows, depth].</summary>
    public static PackedPart AllocateFactor(int rows, int depth)
    {
        var shape = new PartShape(rows, depth, Depth, WeightCode.Bytes, SignedZero, Depth);
        return new PackedPart(shape, new NativeBlock(shape.WordBytes), new NativeBlock(shape.ScaleBytes), null);
    }

    /// <summary>Packs layers' codes into <paramref name="codes"/> [N, K], and their weights, quantised anew, into <paramref name="transposed"/> [K, N].</summary>
    public void Pack(CodedRows[] layers, int groupSize, PackedPart codes, PackedPart transposed)
    {
        var strip = 0;
        foreach (var layer in layers)
        {
            var strips = layer.Outputs / WeightStrip.Width;
            _team.Run(new CodePackJob(layer, codes, strip), Math.Min(_team.Size, strips));
            strip += strips;
        }

        _team.Run(new TransposedCodePackJob(layers, groupSize, transposed, _workspace), Math.Min(_team.Size, transposed.Strips));
    }

    /// <summary>Packs the columns of <paramref name="matrix"/> [depth, rows] as a right-hand factor [rows, depth].</summary>
    public void PackColumns(Tensor matrix, PackedPart factor)
    {
        _team.Run(new ColumnPackJob(new RowView(matrix), factor), Math.Min(_team.Size, factor.Strips));
        GC.KeepAlive(matrix.Buffer);
    }

    /// <summary><c>y[M, N] = x[M, K] · Wᵀ</c>, with inputs of 8 bits, or of 16 in twice the time.</summary>
    public void Multiply(Tensor x, PackedPart weight, ActivationPrecision precision, Tensor y, bool accumulate)
    {
        var planes = precision == ActivationPrecision.Bits16 ? 2 : 1;
        var form = new IntegerInputs(weight, planes, kernels.For(planes, weight.HasOffsets));
        var chunks = TileSplit.OfFullTiles(x.Rows, MaxChunkRows);
        for (var chunk = 0; chunk < chunks.Tiles; chunk++)
        {
            var (first, rows) = (chunks.FirstRow(chunk), chunks.Height(chunk));
            var split = TileSplit.OfFullTiles(rows, form.Kernels.MaxRows);
            var inputs = Room(rows, form);
            var source = new RowView(x.SliceRows(first, rows));
            if (planes == 1) _team.Run(new RowInputsJob(source, split, form, inputs), Math.Min(_team.Size, split.Tiles));
            else form.Pack(_team, _team.Size, source, split, inputs);
            Multiply(weight, form, inputs, split, y.SliceRows(first, rows), accumulate);
        }

        GC.KeepAlive(x.Buffer);
    }

    /// <summary><c>dW[N, K] = dy[M, N]ᵀ · x[M, K]</c>, or added to dW, where x has been packed by <see cref="PackColumns"/>.</summary>
    public void MultiplyColumns(Tensor dy, PackedPart x, Tensor dw, bool accumulate)
    {
        var form = new IntegerInputs(x, 1, kernels.Bits8);
        var chunks = TileSplit.OfFullTiles(dw.Rows, MaxChunkRows);
        for (var chunk = 0; chunk < chunks.Tiles; chunk++)
        {
            var (first, rows) = (chunks.FirstRow(chunk), chunks.Height(chunk));
            var split = TileSplit.OfFullTiles(rows, form.Kernels.MaxRows);
            var inputs = Room(rows, form);
            _team.Run(new ColumnInputsJob(new RowView(dy), first, split, form, inputs), Math.Min(_team.Size, split.Tiles));
            Multiply(x, form, inputs, split, dw.SliceRows(first, rows), accumulate);
        }

        GC.KeepAlive(dy.Buffer);
    }

    private byte* Room(int rows, IntegerInputs form) => (byte*)_workspace.Shared((nint)rows * form.RowBytes / sizeof(float));

    private void Multiply(PackedPart factor, IntegerInputs form, byte* inputs, TileSplit split, Tensor y, bool accumulate)
    {
        var span = new MatrixSpan(0, factor.Inputs, [factor], form);
        _team.Run(new AssembledMatMulJob(_workspace, span, form, inputs, split, new RowView(y), accumulate), Math.Min(_team.Size, span.Strips));
        GC.KeepAlive(y.Buffer);
        GC.KeepAlive(factor);
    }
}
