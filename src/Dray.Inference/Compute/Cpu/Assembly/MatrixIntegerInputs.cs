using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Inputs as integers for AMX: as <see cref="IntegerInputs"/>, with each row's plane in one piece.</summary>
/// <remarks>
/// <code>
///  a segment of a tile of R rows:
///    R scales (float32), R sums of the integers (int32)
///    high plane:  row 0: inputs in the order of their words' bytes, zeros up to a multiple of 64;   row 1 ...
///    low plane:   the same
/// </code>
/// Nibbles are unpacked to signed bytes, less their zero points, once for all tiles of rows; bytes are multiplied where they are packed.
/// </remarks>
internal sealed unsafe class MatrixIntegerInputs : IntegerInputs
{
    /// <summary>
    /// Rows times planes from which on tiles pay. Per 64 inputs and 32 outputs a lane costs VNNI 32 multiplications, two a cycle; tiles cost 64
    /// cycles of multiplication whatever their rows and about as many for unpacking and draining.
    /// </summary>
    private const int MinLanes = 10;

    /// <summary>Segments of a call: unpacked, they and a tile of rows stay in the first- and second-level caches.</summary>
    private const int MaxSegments = 8;

    private readonly int _step;

    /// <summary>Lays out inputs for <paramref name="part"/>'s codes in <paramref name="planes"/> int8 planes, 1 or 2.</summary>
    public MatrixIntegerInputs(PackedPart part, int planes, TileKernels kernels)
        : base(part, planes, kernels, MatrixTiles.RowBytes / PackedPart.PerWord(part.Code))
    {
        _step = MatrixTiles.RowBytes / PerWord;
        MinRows = MinLanes / planes;
    }

    /// <inheritdoc/>
    public override int ThreadBytes => MatrixTiles.ScratchBytes + (MaxSegments * WeightSegment.MaxInputs * WeightStrip.Width);

    /// <inheritdoc/>
    public override int GroupRows => MatrixTiles.GroupRows;

    /// <inheritdoc/>
    public override TileSplit Split(int rows) => TileSplit.OfFullTiles(rows, Kernels.MaxRows);

    /// <inheritdoc/>
    public override int RunEnd(int first, int limit) => base.RunEnd(first, Math.Min(limit, first + MaxSegments));

    /// <inheritdoc/>
    public override IntegerStrides Strides(int height, int segment)
    {
        var plane = Steps(segment) * MatrixTiles.RowBytes;
        return new IntegerStrides(plane, height * plane, PerWord, plane);
    }

    /// <inheritdoc/>
    public override void SetWeights(ref AssembledTileArguments arguments, PackedPart part, int strip, int first, int end, byte* own)
    {
        base.SetWeights(ref arguments, part, strip, first, end, own);
        arguments.SegmentSteps = Steps(first);
        arguments.Scratch = own;
        var panel = (uint*)(own + MatrixTiles.ScratchBytes);
        if (PerWord == 8)
        {
            for (var i = first; i < end; i++)
            {
                Unpack(arguments.Words + ((i - first) * arguments.SegmentWords * WeightStrip.Width), Words(i), part.Offsets(strip, Segments[i].Group), part.CodeZero, panel);
                panel += Steps(i) * MatrixTiles.WeightRows * WeightStrip.Width;
            }
        }
        else if (Words(first) % _step == 0)
        {
            return;
        }
        else
        {
            // What follows an uneven segment may not be there to be read; it meets zeros.
            for (var i = first; i < end; i++)
            {
                var words = new Span<uint>(arguments.Words + ((i - first) * arguments.SegmentWords * WeightStrip.Width), Words(i) * WeightStrip.Width);
                words.CopyTo(new Span<uint>(panel, words.Length));
                panel += Steps(i) * MatrixTiles.WeightRows * WeightStrip.Width;
            }
        }

        arguments.Words = (uint*)(own + MatrixTiles.ScratchBytes);
    }

    private int Steps(int segment) => (Words(segment) + _step - 1) / _step;

    /// <summary>Makes two rows of bytes of each row of nibbles: k k+2 k+4 k+6 and k+1 k+3 k+5 k+7, less the zero points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unpack(uint* words, int count, float* zeros, float zeroOfAll, uint* panel)
    {
        var mask = Vector512.Create((byte)0x0F);
        var everyByte = Vector512.Create(0x01010101u);
        for (var half = 0; half < WeightStrip.Width; half += Vector512<uint>.Count)
        {
            var points = Vector512.ConvertToInt32(zeros is null ? Vector512.Create(zeroOfAll) : Vector512.Load(zeros + half));
            var zero = ((points.AsUInt32() & Vector512.Create(0xFFu)) * everyByte).AsByte();
            for (var word = 0; word < count; word++)
            {
                var packed = Vector512.Load(words + (word * WeightStrip.Width) + half);
                var target = panel + (2 * word * WeightStrip.Width) + half;
                ((packed.AsByte() & mask) - zero).AsUInt32().Store(target);
                (((packed >> 4).AsByte() & mask) - zero).AsUInt32().Store(target + WeightStrip.Width);
            }
        }
    }
}
