using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>What the layout of a <see cref="PackedPart"/> follows from: its layer, and the code that its weights are packed in.</summary>
internal sealed class PartShape
{
    /// <exception cref="NotSupportedException">The layer's codes have a width other than 2, 3, 4 or 8 bits.</exception>
    public PartShape(LinearSource source, WeightCode code)
        : this(
            source.Outputs,
            source.Inputs,
            (source as QuantizedLinear)?.GroupSize ?? source.Inputs,
            code,
            code == WeightCode.Nibbles ? 1 << (((QuantizedLinear)source).Bits - 1) : 0)
    {
        if (source is not QuantizedLinear) ScaleBytes = 0;
        else if (code != WeightCode.Nibbles) OffsetBytes = ScaleBytes;
    }

    /// <summary>The layout of codes with scales and one zero point for all.</summary>
    /// <param name="outputs">N.</param>
    /// <param name="inputs">K.</param>
    /// <param name="groupSize">Inputs that share a scale.</param>
    /// <param name="code">How codes lie in words.</param>
    /// <param name="codeZero">The zero point.</param>
    /// <param name="maxSegment">The most inputs of a segment.</param>
    public PartShape(int outputs, int inputs, int groupSize, WeightCode code, float codeZero, int maxSegment = WeightSegment.MaxInputs)
    {
        (Code, Outputs, CodeZero) = (code, outputs, codeZero);
        Segments = WeightSegment.Divide(inputs, groupSize, PackedPart.PerWord(code), maxSegment);
        var last = Segments[^1];
        Groups = last.Group + 1;
        WordsPerOutput = last.FirstWord + ((last.Length + PackedPart.PerWord(code) - 1) / PackedPart.PerWord(code));
        var row = checked((nuint)PackedPart.StripCount(Outputs) * WeightStrip.Width * sizeof(float));
        WordBytes = checked(row * (nuint)WordsPerOutput);
        ScaleBytes = checked(row * (nuint)Groups);
    }

    public WeightCode Code { get; }

    public int Outputs { get; }

    public int Groups { get; }

    public int WordsPerOutput { get; }

    public float CodeZero { get; }

    public WeightSegment[] Segments { get; }

    public nuint WordBytes { get; }

    /// <summary>Gets the bytes of the scales; 0 where the code has none.</summary>
    public nuint ScaleBytes { get; }

    /// <summary>Gets the bytes of the zero points; 0 where the code has none.</summary>
    public nuint OffsetBytes { get; }

    /// <summary>The codes that a layer can be packed in: symmetric zero points decide between the two for up to 4 bits.</summary>
    /// <exception cref="NotSupportedException">The layer's codes have a width other than 2, 3, 4 or 8 bits.</exception>
    public static WeightCode CodeOf(LinearSource source, bool isSymmetric) => source switch
    {
        QuantizedLinear { Bits: 2 or 3 or 4 } => isSymmetric ? WeightCode.Nibbles : WeightCode.OffsetNibbles,
        QuantizedLinear { Bits: 8 } => WeightCode.Bytes,
        QuantizedLinear quantized => throw new NotSupportedException($"{source.Name} has {quantized.Bits}-bit codes; the CPU backend packs 2, 3, 4 and 8 bits."),
        DenseLinear { DataType: DataType.BFloat16 } => WeightCode.BrainFloats,
        _ => WeightCode.Floats,
    };
}
