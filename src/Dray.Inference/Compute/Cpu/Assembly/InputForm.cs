namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// How the inputs of assembled tiles lie in memory, for weights that are divided into the same segments: tile of R rows from row r at
/// r · <see cref="RowBytes"/>, one segment after another, each R times as long as one row's.
/// </summary>
internal abstract class InputForm
{
    private readonly int[] _firstByte;
    private readonly int[] _runEnds;
    private readonly float _codeZero;

    /// <summary>
    /// Lays out inputs for <paramref name="part"/>'s weights, with <paramref name="wordBytes"/> per row and word after <paramref name="headerBytes"/>
    /// per row and segment; each segment takes a multiple of <paramref name="step"/> words.
    /// </summary>
    protected InputForm(PackedPart part, TileKernels kernels, int headerBytes, int wordBytes, int step = 1)
    {
        (Segments, Kernels, Code, _codeZero) = (part.Segments, kernels, part.Code, part.CodeZero);
        _firstByte = new int[Segments.Length + 1];
        _runEnds = RunEnds();
        for (var i = 0; i < Segments.Length; i++) _firstByte[i + 1] = checked(_firstByte[i] + headerBytes + ((Words(i) + step - 1) / step * step * wordBytes));
    }

    /// <summary>Gets the segments of the inputs.</summary>
    public WeightSegment[] Segments { get; }

    /// <summary>Gets the routines for tiles of such inputs.</summary>
    public TileKernels Kernels { get; }

    /// <summary>Gets another form of the same inputs that is faster from <see cref="MinRows"/> of its rows on, to the same bits; null for none.</summary>
    public InputForm? ForManyRows { get; init; }

    /// <summary>Gets the rows from which on this form is worth its while.</summary>
    public int MinRows { get; protected init; } = 1;

    /// <summary>Gets the bytes that a thread needs for itself, from a multiple of 64 on.</summary>
    public virtual int ThreadBytes => 0;

    /// <summary>Gets the rows whose tiles meet a strip's weights while these stay near.</summary>
    public virtual int GroupRows => 96;

    /// <summary>Gets the bytes of a whole row.</summary>
    public int RowBytes => _firstByte[^1];

    /// <summary>Gets how the weights are packed.</summary>
    protected WeightCode Code { get; }

    /// <summary>Bytes of a row before <paramref name="segment"/>.</summary>
    public int BytesBefore(int segment) => _firstByte[segment];

    /// <summary>Words of each output in <paramref name="segment"/>.</summary>
    public int Words(int segment) => (Segments[segment].Length + PackedPart.PerWord(Code) - 1) / PackedPart.PerWord(Code);

    /// <summary>Whether inputs laid out so serve <paramref name="part"/> too.</summary>
    public bool Fits(PackedPart part) =>
        part.Code == Code && part.CodeZero == _codeZero && part.Segments.AsSpan().SequenceEqual(Segments);

    /// <summary>The form to use for <paramref name="rows"/> rows.</summary>
    public InputForm For(int rows) => ForManyRows is { } other && rows >= other.MinRows ? other : this;

    /// <summary>The tiles of <paramref name="rows"/> rows.</summary>
    public virtual TileSplit Split(int rows) => new(rows, Kernels.MaxRows);

    /// <summary>The end of the run of segments from <paramref name="first"/> that one call can take, at most <paramref name="limit"/>.</summary>
    public virtual int RunEnd(int first, int limit) => Math.Min(_runEnds[first], limit);

    /// <summary>Converts the rows of a split to this form.</summary>
    public abstract unsafe void Pack(ThreadTeam team, int threads, RowView x, TileSplit split, byte* target);

    /// <summary>
    /// Sets the weights of calls: segments <paramref name="first"/> to before <paramref name="end"/> of a strip; <paramref name="own"/> are the
    /// thread's <see cref="ThreadBytes"/>.
    /// </summary>
    public abstract unsafe void SetWeights(ref AssembledTileArguments arguments, PackedPart part, int strip, int first, int end, byte* own);

    /// <summary>For each segment, the end of the run from it: as many words in each, and groups evenly apart.</summary>
    private int[] RunEnds()
    {
        var ends = new int[Segments.Length];
        for (var i = Segments.Length - 1; i >= 0; i--)
        {
            var joins = i + 1 < ends.Length && Words(i) == Words(i + 1);
            var goesOn = joins && ends[i + 1] > i + 2 && GroupStep(i) == GroupStep(i + 1);
            ends[i] = goesOn ? ends[i + 1] : joins ? i + 2 : i + 1;
        }

        return ends;
    }

    private int GroupStep(int segment) => Segments[segment + 1].Group - Segments[segment].Group;
}
