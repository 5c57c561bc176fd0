namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Inputs as integers: each row's segment has a scale of its own, the greatest magnitude over 32639 (or 127), and its integers in int8 planes.
/// </summary>
/// <remarks>
/// <code>
///  a segment of a tile of R rows:
///    R scales (float32), R sums of the integers (int32), times minus the zero point where one is all outputs'
///    word 0:  row 0, high: k k+2 k+4 k+6 | k+1 k+3 k+5 k+7    row 0, low: the same    row 1 ...   (nibbles: 8 bytes a plane)
///                          k k+1 k+2 k+3                                                          (bytes: 4 bytes a plane)
///    word 1:  ...
/// </code>
/// </remarks>
internal unsafe class IntegerInputs : InputForm
{
    /// <summary>The bytes of a row's scale and sum in a segment.</summary>
    public const int HeaderBytes = 8;

    /// <summary>Lays out inputs for <paramref name="part"/>'s codes in <paramref name="planes"/> int8 planes, 1 or 2.</summary>
    public IntegerInputs(PackedPart part, int planes, TileKernels kernels)
        : this(part, planes, kernels, 1)
    {
    }

    /// <summary>As the other one; each segment takes a multiple of <paramref name="step"/> words.</summary>
    protected IntegerInputs(PackedPart part, int planes, TileKernels kernels, int step)
        : base(part, kernels, HeaderBytes, PackedPart.PerWord(part.Code) * planes, step)
    {
        Planes = planes;
        PerWord = PackedPart.PerWord(part.Code);
        SumFactor = part.HasOffsets ? 1 : -(int)part.CodeZero;
    }

    /// <summary>Gets the number of int8 planes: 1 or 2.</summary>
    public int Planes { get; }

    /// <summary>Gets what the sums are multiplied by.</summary>
    public int SumFactor { get; }

    /// <summary>Gets the number of codes in a word: 8 or 4.</summary>
    public int PerWord { get; }

    /// <summary>How far a tile of <paramref name="height"/> rows puts a segment's rows, planes and words from one another, in bytes.</summary>
    public virtual IntegerStrides Strides(int height, int segment) => new(Planes * PerWord, PerWord, height * Planes * PerWord);

    /// <inheritdoc/>
    public override void Pack(ThreadTeam team, int threads, RowView x, TileSplit split, byte* target) =>
        team.Run(new QuantizeJob(x, split, this, target), threads);

    /// <inheritdoc/>
    public override void SetWeights(ref AssembledTileArguments arguments, PackedPart part, int strip, int first, int end, byte* own)
    {
        var group = Segments[first].Group;
        var step = end - first > 1 ? (nint)(Segments[first + 1].Group - group) * WeightStrip.Width * sizeof(float) : 0;
        arguments.Words = (uint*)part.Words(strip, Segments[first]);
        arguments.Scales = part.Scales(strip, group);
        arguments.Zeros = part.Offsets(strip, group);
        arguments.ScaleStep = step;
        arguments.Segments = end - first;
        arguments.SegmentWords = Words(first);
    }
}
