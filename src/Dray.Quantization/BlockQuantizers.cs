using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization;

/// <summary>From options to what quantizes a checkpoint's blocks.</summary>
public static class BlockQuantizers
{
    /// <summary>Makes it.</summary>
    /// <param name="source">The checkpoint, which stays open as long as it is in use.</param>
    /// <param name="options">How to quantize.</param>
    /// <param name="backend">Its threads do the work.</param>
    /// <exception cref="ArgumentException">The options ask for what isn't there.</exception>
    public static IBlockQuantizer Create(Checkpoint source, QuantizationOptions options, CpuBackend backend)
    {
        if (options.NeedsCalibration) throw new ArgumentException($"{source.Folder} can't be tuned by this version; --recipe rtn rounds it to nearest.");
        return new RoundToNearestQuantizer(backend);
    }
}
