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

    /// <summary>Lays out inputs for <paramref name="part"/>'s weights, with <paramref name="wordBytes"/> per row and word after <paramref name="headerBytes"/> per row and segment.</summary>
    protected InputForm(PackedPart part, TileKernels kernels, int headerBytes, int wordBytes)
    {
        (Segments, Kernels, Code, _codeZero) = (part.Segments, kernels, part.Code, part.CodeZero);
        _firstByte = new int[Segments.Length + 1];
        _runEnds = RunEnds();
        for (var i = 0; i < Segments.Length; i++) _firstByte[i + 1] = checked(_firstByte[i] + headerBytes + (Words(i) * wordBytes));
    }

    /// <summary>Gets the segments of the inputs.</summary>
    public WeightSegment[] Segments { get; }

    /// <summary>Gets the routines for tiles of such inputs.</summary>
    public TileKernels Kernels { get; }

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

    /// <summary>The end of the run of segments from <paramref name="first"/> that one call can take, at most <paramref name="limit"/>.</summary>
    public int RunEnd(int first, int limit) => Math.Min(_runEnds[first], limit);

    /// <summary>Converts the rows of a split to this form.</summary>
    public abstract unsafe void Pack(ThreadTeam team, int threads, RowView x, TileSplit split, byte* target);

    /// <summary>Sets the weights of a call: segments <paramref name="first"/> to before <paramref name="end"/> of a strip.</summary>
    public abstract void SetWeights(ref AssembledTileArguments arguments, PackedPart part, int strip, int first, int end);

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
