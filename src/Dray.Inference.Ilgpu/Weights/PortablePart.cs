using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Weights;

/// <summary>Layers of one form, one after another along the outputs, in a device's memory.</summary>
internal sealed class PortablePart : IDisposable
{
    /// <summary>Words that are packed on the host at a time.</summary>
    private const int StagedWords = 1 << 22;

    private readonly MemoryBuffer1D<uint, Stride1D.Dense> _words;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _scales;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _zeros;

    /// <param name="accelerator">The device.</param>
    /// <param name="stream">Where copies are issued.</param>
    /// <param name="packers">Layers of the same form; all but the last fill their strips.</param>
    /// <param name="outputs">Outputs of all layers.</param>
    /// <param name="inputs">Inputs of each.</param>
    public PortablePart(Accelerator accelerator, AcceleratorStream stream, IReadOnlyList<PortablePacker> packers, int outputs, int inputs)
    {
        var form = packers[0];
        var strips = packers.Sum(packer => packer.Strips);
        Code = form.Code;
        _words = accelerator.Allocate1D<uint>((long)strips * form.StripWords);
        try
        {
            _scales = accelerator.Allocate1D<float>(Math.Max(1, (long)strips * form.StripScales));
            _zeros = accelerator.Allocate1D<float>(Math.Max(1, (long)strips * form.StripScales));
            var at = 0;
            foreach (var packer in packers)
            {
                Upload(stream, packer, at);
                at += packer.Strips;
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        View = new DevicePart(_words.View.AsContiguous(), _scales.View.AsContiguous(), _zeros.View.AsContiguous(), outputs, inputs, form.GroupSize, form.WordsPerGroup);
    }

    public WeightCode Code { get; }

    public DevicePart View { get; }

    public long Bytes => _words.LengthInBytes + _scales.LengthInBytes + _zeros.LengthInBytes;

    public void Dispose()
    {
        DeviceMemory.Free(_words);
        DeviceMemory.Free(_scales);
        DeviceMemory.Free(_zeros);
    }

    private void Upload(AcceleratorStream stream, PortablePacker packer, int firstStrip)
    {
        var atOnce = Math.Clamp(StagedWords / packer.StripWords, 1, packer.Strips);
        var words = new uint[(long)atOnce * packer.StripWords];
        var scales = new float[(long)atOnce * packer.StripScales];
        var zeros = new float[scales.Length];
        for (var strip = 0; strip < packer.Strips; strip += atOnce)
        {
            var count = Math.Min(atOnce, packer.Strips - strip);
            Parallel.For(0, count, i => packer.Pack(
                strip + i,
                words.AsSpan(i * packer.StripWords, packer.StripWords),
                scales.AsSpan(i * packer.StripScales, packer.StripScales),
                zeros.AsSpan(i * packer.StripScales, packer.StripScales)));
            Copy(stream, words, _words.View, firstStrip + strip, count, packer.StripWords);
            Copy(stream, scales, _scales.View, firstStrip + strip, count, packer.StripScales);
            Copy(stream, zeros, _zeros.View, firstStrip + strip, count, packer.StripScales);
        }
    }

    private static void Copy<T>(AcceleratorStream stream, T[] source, ArrayView1D<T, Stride1D.Dense> target, int strip, int count, int length)
        where T : unmanaged
    {
        if (length == 0) return;
        target.SubView((long)strip * length, (long)count * length).CopyFromCPU(stream, new ReadOnlySpan<T>(source, 0, count * length));
    }
}
