namespace Dray.Inference.Compute.Cpu;

/// <summary>One part of a <see cref="CpuMatrix"/>, packed in strips of 32 outputs.</summary>
/// <remarks>
/// <code>
///  strip 0                                      strip 1 ...
///  word 0: outputs 0 1 2 ... 31   (128 bytes)
///  word 1: outputs 0 1 2 ... 31
///   ...
///  one word, nibbles:   k+7 k+6 k+5 k+4 k+3 k+2 k+1 k     (bits 31..0)
///            bytes:         k+3     k+2     k+1     k
///            bf16:              k+1             k
///            float32:                 k
///  scales  [strip][group][32] float32; offsets (zero points) the same, where a code needs them
/// </code>
/// Per weight: 4 bits (2-, 3- and 4-bit codes), 8, 16 or 32; 32 more per output and group for the scale, and as many for an offset.
/// Outputs past the last are zeros with scale 0.
/// </remarks>
internal sealed unsafe class PackedPart : IDisposable
{
    /// <summary>Changes whenever the layout does: packed weights that were kept under another number are packed anew.</summary>
    public const int LayoutVersion = 1;

    private readonly NativeBlock _words;
    private readonly NativeBlock? _scales;
    private readonly NativeBlock? _offsets;

    public PackedPart(PartShape shape, NativeBlock words, NativeBlock? scales, NativeBlock? offsets)
    {
        (Code, Outputs, CodeZero, Segments) = (shape.Code, shape.Outputs, shape.CodeZero, shape.Segments);
        (WordsPerOutput, Groups) = (shape.WordsPerOutput, shape.Groups);
        (_words, _scales, _offsets) = (words, scales, offsets);
    }

    public WeightCode Code { get; }

    public int Outputs { get; }

    public int Inputs => Segments[^1].FirstInput + Segments[^1].Length;

    public float CodeZero { get; }

    /// <summary>Gets whether each output and group has a zero point of its own, instead of all sharing <see cref="CodeZero"/>.</summary>
    public bool HasOffsets => _offsets is not null;

    public WeightSegment[] Segments { get; }

    public int WordsPerOutput { get; }

    public int Groups { get; }

    public int Strips => StripCount(Outputs);

    public long Bytes => (long)(_words.Bytes + (_scales?.Bytes ?? 0) + (_offsets?.Bytes ?? 0));

    public static int StripCount(int outputs) => (int)(((long)outputs + WeightStrip.Width - 1) / WeightStrip.Width);

    public static int PerWord(WeightCode code) => code switch
    {
        WeightCode.Nibbles or WeightCode.OffsetNibbles => 8,
        WeightCode.Bytes => 4,
        WeightCode.BrainFloats => 2,
        _ => 1,
    };

    /// <summary>Gets the words, the scales and the offsets, each as far as the code has them.</summary>
    public IEnumerable<NativeBlock> Blocks => new[] { _words, _scales, _offsets }.OfType<NativeBlock>();

    /// <summary>A strip's words from a segment's first.</summary>
    public float* Words(int strip, in WeightSegment segment) =>
        (float*)_words.Pointer + ((((nint)strip * WordsPerOutput) + segment.FirstWord) * WeightStrip.Width);

    /// <summary>A strip's 32 scales of a group, or null where the weights have none.</summary>
    public float* Scales(int strip, int group) => Row(_scales, strip, group);

    /// <summary>A strip's 32 zero points of a group, or null where the code has none.</summary>
    public float* Offsets(int strip, int group) => Row(_offsets, strip, group);

    /// <summary>Writes one output's weights, in float32, of a part with 16- or 32-bit weights.</summary>
    public void CopyRow(int output, Span<float> target)
    {
        var source = (uint*)_words.Pointer + ((nint)(output / WeightStrip.Width) * WordsPerOutput * WeightStrip.Width) + (output % WeightStrip.Width);
        if (Code == WeightCode.Floats)
        {
            for (var k = 0; k < target.Length; k++) target[k] = BitConverter.UInt32BitsToSingle(source[(nint)k * WeightStrip.Width]);
            return;
        }

        for (var k = 0; k < target.Length; k++)
        {
            var word = source[(nint)(k / 2) * WeightStrip.Width];
            target[k] = BitConverter.UInt32BitsToSingle(k % 2 == 0 ? word << 16 : word & 0xFFFF0000);
        }
    }

    public void Dispose()
    {
        _words.Dispose();
        _scales?.Dispose();
        _offsets?.Dispose();
    }

    private float* Row(NativeBlock? block, int strip, int group) =>
        block is null ? null : (float*)block.Pointer + ((((nint)strip * Groups) + group) * WeightStrip.Width);
}
