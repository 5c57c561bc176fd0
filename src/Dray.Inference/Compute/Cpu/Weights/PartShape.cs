using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>What the layout of a <see cref="PackedPart"/> follows from: its layer, and the code that its weights are packed in.</summary>
internal sealed class PartShape
{
    /// <exception cref="NotSupportedException">The layer's codes have a width other than 2, 3, 4 or 8 bits.</exception>
    public PartShape(LinearSource source, WeightCode code)
    {
        var quantized = source as QuantizedLinear;
        (Code, Outputs) = (code, source.Outputs);
        Segments = WeightSegment.Divide(source.Inputs, quantized?.GroupSize ?? source.Inputs, PackedPart.PerWord(code));
        var last = Segments[^1];
        Groups = last.Group + 1;
        WordsPerOutput = last.FirstWord + ((last.Length + PackedPart.PerWord(code) - 1) / PackedPart.PerWord(code));
        CodeZero = code == WeightCode.Nibbles ? 1 << (quantized!.Bits - 1) : 0;
        var row = checked((nuint)PackedPart.StripCount(Outputs) * WeightStrip.Width * sizeof(float));
        WordBytes = checked(row * (nuint)WordsPerOutput);
        if (quantized is null) return;
        ScaleBytes = checked(row * (nuint)Groups);
        OffsetBytes = code == WeightCode.Nibbles ? 0 : ScaleBytes;
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
