using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Lays scales and, where they are wanted, zero points out as [strip][group][32].</summary>
internal sealed unsafe class ScalePacker(QuantizedLinear source, NativeBlock scales, NativeBlock? offsets = null) : StripPacker(source.Outputs)
{
    /// <summary>Strips whose scales are read together, so that each row is read in long pieces.</summary>
    private const int StripsAtOnce = 32;

    private readonly short _middle = (short)(1 << (source.Bits - 1));
    private int _asymmetric;

    /// <summary>Gets whether every zero point seen was the middle of the code range.</summary>
    public bool IsSymmetric => Volatile.Read(ref _asymmetric) == 0;

    public override void Pack(int first, int end)
    {
        var scaleRow = new float[StripsAtOnce * WeightStrip.Width];
        var zeroRow = new short[StripsAtOnce * WeightStrip.Width];
        for (; first < end; first += StripsAtOnce)
        {
            var output = first * WeightStrip.Width;
            var count = Math.Min(Math.Min(StripsAtOnce, end - first) * WeightStrip.Width, source.Outputs - output);
            for (var group = 0; group < source.Groups; group++)
            {
                var groupScales = scaleRow.AsSpan(0, count);
                var groupZeros = zeroRow.AsSpan(0, count);
                source.ReadGroup(group, output, groupScales, groupZeros);
                if (groupZeros.ContainsAnyExcept(_middle)) Volatile.Write(ref _asymmetric, 1);
                for (var n = 0; n < count; n += WeightStrip.Width)
                {
                    var width = Math.Min(WeightStrip.Width, count - n);
                    var place = (((nint)(first + (n / WeightStrip.Width)) * source.Groups) + group) * WeightStrip.Width;
                    groupScales.Slice(n, width).CopyTo(new Span<float>((float*)scales.Pointer + place, width));
                    if (offsets is null) continue;
                    for (var i = 0; i < width; i++) ((float*)offsets.Pointer)[place + i] = groupZeros[n + i];
                }
            }
        }
    }
}
