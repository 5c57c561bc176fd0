using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;

namespace Dray.Inference.Ilgpu.Weights;

/// <summary>Packs strips of a checkpoint's layer into the words of <see cref="DevicePart"/>.</summary>
internal sealed class PortablePacker
{
    private readonly LinearSource _source;
    private readonly int _perWord;

    /// <exception cref="NotSupportedException">The source's codes have a width other than 2, 3, 4 or 8 bits.</exception>
    public PortablePacker(LinearSource source)
    {
        _source = source;
        Code = source switch
        {
            QuantizedLinear { Bits: 2 or 3 or 4 } => WeightCode.Nibbles,
            QuantizedLinear { Bits: 8 } => WeightCode.Octets,
            QuantizedLinear other => throw new NotSupportedException($"{other.Name} has {other.Bits}-bit codes; devices compute with 2, 3, 4 and 8 bits."),
            DenseLinear { DataType: DataType.BFloat16 } => WeightCode.BrainFloats,
            _ => WeightCode.Floats,
        };
        _perWord = Code switch { WeightCode.Nibbles => 8, WeightCode.Octets => 4, WeightCode.BrainFloats => 2, _ => 1 };
        GroupSize = source is QuantizedLinear quantized ? quantized.GroupSize : source.Inputs;
        Groups = (source.Inputs + GroupSize - 1) / GroupSize;
        WordsPerGroup = (GroupSize + _perWord - 1) / _perWord;
    }

    public WeightCode Code { get; }

    public int GroupSize { get; }

    public int Groups { get; }

    public int WordsPerGroup { get; }

    public int Strips => (_source.Outputs + DevicePart.Width - 1) / DevicePart.Width;

    /// <summary>Gets the words of one strip.</summary>
    public int StripWords => checked(Groups * WordsPerGroup * DevicePart.Width);

    /// <summary>Gets the scales of one strip, and its zero points.</summary>
    public int StripScales => _source is QuantizedLinear ? checked(Groups * DevicePart.Width) : 0;

    /// <summary>Packs one strip; outputs beyond the layer's are left as they are. Safe on several threads at once.</summary>
    public void Pack(int strip, Span<uint> words, Span<float> scales, Span<float> zeros)
    {
        var first = strip * DevicePart.Width;
        var count = Math.Min(DevicePart.Width, _source.Outputs - first);
        switch (_source)
        {
            case QuantizedLinear quantized:
                var codes = new byte[checked(count * quantized.Inputs)];
                quantized.ReadCodes(first, count, codes);
                PackCodes(codes, count, words);
                PackScales(quantized, first, count, scales, zeros);
                break;
            case DenseLinear { DataType: DataType.BFloat16 } dense:
                var raw = new byte[checked(count * dense.Inputs * sizeof(ushort))];
                dense.ReadRaw(first, count, raw);
                PackBrainFloats(MemoryMarshal.Cast<byte, ushort>(raw), count, words);
                break;
            default:
                var floats = new float[checked(count * _source.Inputs)];
                _source.ReadRows(first, count, floats);
                for (var n = 0; n < count; n++)
                {
                    for (var k = 0; k < _source.Inputs; k++) words[(k * DevicePart.Width) + n] = BitConverter.SingleToUInt32Bits(floats[(n * _source.Inputs) + k]);
                }

                break;
        }
    }

    private static void PackScales(QuantizedLinear source, int first, int count, Span<float> scales, Span<float> zeros)
    {
        var groups = source.Groups;
        var own = new float[checked(count * groups)];
        var points = new short[own.Length];
        source.ReadScales(first, count, own, points);
        for (var n = 0; n < count; n++)
        {
            for (var group = 0; group < groups; group++)
            {
                var at = (group * DevicePart.Width) + n;
                (scales[at], zeros[at]) = (own[(n * groups) + group], points[(n * groups) + group]);
            }
        }
    }

    private void PackCodes(ReadOnlySpan<byte> codes, int count, Span<uint> words)
    {
        var bits = 32 / _perWord;
        for (var n = 0; n < count; n++)
        {
            var row = codes.Slice(n * _source.Inputs, _source.Inputs);
            for (var word = 0; word < Groups * WordsPerGroup; word++)
            {
                var from = (word / WordsPerGroup * GroupSize) + (word % WordsPerGroup * _perWord);
                var end = Math.Min(Math.Min(from + _perWord, ((word / WordsPerGroup) + 1) * GroupSize), row.Length);
                var packed = 0u;
                for (var k = from; k < end; k++) packed |= (uint)row[k] << (bits * (k - from));
                words[(word * DevicePart.Width) + n] = packed;
            }
        }
    }

    private void PackBrainFloats(ReadOnlySpan<ushort> rows, int count, Span<uint> words)
    {
        var inputs = _source.Inputs;
        for (var n = 0; n < count; n++)
        {
            var row = rows.Slice(n * inputs, inputs);
            for (var k = 0; k < inputs; k += 2)
                words[(k / 2 * DevicePart.Width) + n] = row[k] | (k + 1 < inputs ? (uint)row[k + 1] << 16 : 0u);
        }
    }
}
