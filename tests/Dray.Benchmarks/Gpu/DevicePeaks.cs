using System.Diagnostics;
using Dray.Inference.Ilgpu;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Benchmarks.Gpu;

/// <summary>What the device can do at most, measured: the denominators of the report.</summary>
/// <param name="CopyRate">Bytes per second of a copy within its memory, read and written.</param>
/// <param name="ReadRate">Bytes per second of reading.</param>
/// <param name="TensorCoreRate">Operations per second of <c>mma.sync</c> with bf16 operands and float32 sums; 0 where there are none.</param>
internal sealed record DevicePeaks(double CopyRate, double ReadRate, double TensorCoreRate)
{
    private const int Threads = 256;
    private const int Rounds = 8;

    /// <summary>Gets bytes per second of memory: the better of both.</summary>
    public double Bandwidth => Math.Max(CopyRate, ReadRate);

    /// <summary>Measures a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="isSmoke">Whether to be quick instead of exact.</param>
    public static DevicePeaks Measure(MeasuredDevice device, bool isSmoke)
    {
        var (context, accelerator) = device.OpenBare();
        using (context)
        using (accelerator)
        using (var stream = accelerator.CreateStream())
        {
            // Far more than any cache holds.
            var groups = isSmoke ? 1 : accelerator.NumMultiprocessors * 16;
            var perThread = isSmoke ? 4 : (int)((1L << 30) / (groups * (long)Threads * 16)) / 4 * 4;
            var vectors = (long)groups * Threads * perThread;
            using var source = accelerator.Allocate1D<PeakKernels.FourWords>(vectors);
            using var target = accelerator.Allocate1D<PeakKernels.FourWords>(vectors);
            using var sink = accelerator.Allocate1D<float>(1);
            using var words = accelerator.Allocate1D<int>(1);
            source.MemSetToZero(stream);
            return new DevicePeaks(
                2.0 * vectors * 16 / Best(stream, () => source.View.CopyTo(stream, target.View)),
                vectors * 16.0 / Read(accelerator, stream, source.View, words.View, groups),
                accelerator.AcceleratorType == AcceleratorType.Cuda ? TensorCores(accelerator, stream, sink.View) : 0);
        }
    }

    private static double Read(Accelerator accelerator, AcceleratorStream stream, ArrayView<PeakKernels.FourWords> source, ArrayView<int> sink, int groups)
    {
        var kernel = accelerator.LoadKernel<ArrayView<PeakKernels.FourWords>, ArrayView<int>>(PeakKernels.Read, KernelAttribute.BoundsOf(PeakKernels.Read));
        return Best(stream, () => kernel(stream, new KernelConfig(groups, Threads), source, sink));
    }

    private static double TensorCores(Accelerator accelerator, AcceleratorStream stream, ArrayView<float> sink)
    {
        const int iterations = 4000;
        var groups = accelerator.NumMultiprocessors * 8;
        var kernel = accelerator.LoadKernel<ArrayView<float>, int>(PeakKernels.TensorCores, KernelAttribute.BoundsOf(PeakKernels.TensorCores));
        var seconds = Best(stream, () => kernel(stream, new KernelConfig(groups, Threads), sink, iterations));
        return groups * (Threads / 32.0) * iterations * PeakKernels.FlopsPerWarpIteration / seconds;
    }

    private static double Best(AcceleratorStream stream, Action issue)
    {
        var best = double.PositiveInfinity;
        for (var round = 0; round < Rounds; round++)
        {
            stream.Synchronize();
            var start = Stopwatch.GetTimestamp();
            issue();
            stream.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
