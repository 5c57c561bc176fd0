namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The products that training needs of linear layers with the same inputs, in integers: <c>y = x · Wᵀ</c>, <c>dx = dy · W</c> and
/// <c>dW = dyᵀ · x</c>. Weights are the layers' own codes in the first; in the other two both factors are int8 with a scale per row and
/// <see cref="Depth"/> steps of depth, which costs gradients under 1 % of their size in noise.
/// </summary>
/// <remarks>
/// Per layer, bytes beside the codes: N·K of codes in the order of the first product and as many in that of the second, and K·M for the inputs.
/// </remarks>
internal sealed unsafe class IntegerProducts : IDisposable
{
    /// <summary>Steps of depth that share a scale in the products of gradients. int8 by int8 may be added up 65,000 times within 32 bits.</summary>
    public const int Depth = 256;

    /// <summary>Rows whose inputs are quantised at a time: whole tiles.</summary>
    private const int MaxChunkRows = 42 * IntegerTileKernel.MaxLanes;

    private const int SignedZero = 128;

    private readonly ThreadTeam _team;
    private readonly Workspace _workspace;
    private readonly TrainingKernels _kernels;
    private readonly int _inputs;
    private readonly int _groupSize;
    private readonly int _zero;
    private readonly PackedPart _weight;
    private readonly PackedPart _transposed;
    private PackedPart? _columns;

    /// <summary>Takes the memory for weights.</summary>
    /// <param name="backend">Its threads compute.</param>
    /// <param name="kernels">The routines.</param>
    /// <param name="outputs">N, of all layers together.</param>
    /// <param name="inputs">K, a multiple of 32.</param>
    /// <param name="groupSize">Inputs that share a scale, a multiple of 32.</param>
    /// <param name="zero">The zero point of all codes.</param>
    public IntegerProducts(CpuBackend backend, TrainingKernels kernels, int outputs, int inputs, int groupSize, int zero)
    {
        (_team, _workspace, _kernels) = (backend.Team, backend.Workspace, kernels);
        (_inputs, _groupSize, _zero) = (inputs, groupSize, zero);
        _weight = Allocate(outputs, inputs, groupSize, zero, WeightSegment.MaxInputs);
        _transposed = Allocate(inputs, outputs, Depth, SignedZero);
    }

    /// <summary>Sets all weights.</summary>
    /// <param name="layers">The layers, in the order of the outputs; each has a multiple of 32.</param>
    public void Load(ReadOnlySpan<CodedRows> layers)
    {
        var output = 0;
        foreach (var layer in layers)
        {
            var strips = layer.Outputs / WeightStrip.Width;
            _team.Run(new CodePackJob(layer, _inputs, _weight, output / WeightStrip.Width), Math.Min(_team.Size, strips));
            output += layer.Outputs;
        }

        _team.Run(new TransposedCodePackJob(layers.ToArray(), _inputs, _groupSize, _zero, _transposed, _workspace), Math.Min(_team.Size, _transposed.Strips));
    }

    /// <summary><c>y[M, N] = x[M, K] · Wᵀ</c>, with inputs of 8 bits, or of 16 in twice the time.</summary>
    public void Forward(Tensor x, Tensor y, ActivationPrecision precision)
    {
        var (planes, kernels) = precision == ActivationPrecision.Bits16 ? (2, _kernels.Bits16) : (1, _kernels.Bits8);
        Multiply(x, _weight, planes, kernels, y, accumulate: false);
    }

    /// <summary><c>dx[M, K] = dy[M, N] · W</c>, or added to dx.</summary>
    public void BackwardInputs(Tensor dy, Tensor dx, bool accumulate) => Multiply(dy, _transposed, 1, _kernels.Bits8, dx, accumulate);

    /// <summary><c>dW[N, K] = dy[M, N]ᵀ · x[M, K]</c>, or added to dW.</summary>
    public void BackwardWeights(Tensor dy, Tensor x, Tensor dw, bool accumulate)
    {
        if (_columns is null || _columns.Segments[^1].FirstInput + _columns.Segments[^1].Length != x.Rows)
        {
            _columns?.Dispose();
            _columns = Allocate(_inputs, x.Rows, Depth, SignedZero);
        }

        _team.Run(new ColumnPackJob(new RowView(x), _columns), Math.Min(_team.Size, _columns.Strips));
        var form = new IntegerInputs(_columns, 1, _kernels.Bits8);
        var span = new MatrixSpan(0, x.Rows, [_columns], form);
        var chunks = TileSplit.OfFullTiles(dw.Rows, MaxChunkRows);
        for (var chunk = 0; chunk < chunks.Tiles; chunk++)
        {
            var (first, rows) = (chunks.FirstRow(chunk), chunks.Height(chunk));
            var split = TileSplit.OfFullTiles(rows, _kernels.Bits8.MaxRows);
            var inputs = (byte*)_workspace.Shared((nint)rows * form.RowBytes / sizeof(float));
            _team.Run(new ColumnInputsJob(new RowView(dy), first, split, form, inputs), Math.Min(_team.Size, split.Tiles));
            var target = new RowView(dw.SliceRows(first, rows));
            _team.Run(new AssembledMatMulJob(_workspace, span, form, inputs, split, target, accumulate), Math.Min(_team.Size, span.Strips));
        }

        GC.KeepAlive(dy.Buffer);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(dw.Buffer);
    }

    public void Dispose()
    {
        _weight.Dispose();
        _transposed.Dispose();
        _columns?.Dispose();
    }

    private static PackedPart Allocate(int outputs, int inputs, int groupSize, int zero, int maxSegment = Depth)
    {
        var shape = new PartShape(outputs, inputs, groupSize, WeightCode.Bytes, zero, maxSegment);
        return new PackedPart(shape, new NativeBlock(shape.WordBytes), new NativeBlock(shape.ScaleBytes), null);
    }

    private void Multiply(Tensor x, PackedPart weight, int planes, TileKernels kernels, Tensor y, bool accumulate)
    {
        var form = new IntegerInputs(weight, planes, kernels);
        var span = new MatrixSpan(0, x.Columns, [weight], form);
        var chunks = TileSplit.OfFullTiles(x.Rows, MaxChunkRows);
        for (var chunk = 0; chunk < chunks.Tiles; chunk++)
        {
            var (first, rows) = (chunks.FirstRow(chunk), chunks.Height(chunk));
            var split = TileSplit.OfFullTiles(rows, kernels.MaxRows);
            var inputs = (byte*)_workspace.Shared((nint)rows * form.RowBytes / sizeof(float));
            var source = new RowView(x.SliceRows(first, rows));
            if (planes == 1) _team.Run(new RowInputsJob(source, split, form, inputs), Math.Min(_team.Size, split.Tiles));
            else form.Pack(_team, _team.Size, source, split, inputs);
            var target = new RowView(y.SliceRows(first, rows));
            _team.Run(new AssembledMatMulJob(_workspace, span, form, inputs, split, target, accumulate), Math.Min(_team.Size, span.Strips));
        }

        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }
}
