using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Quantization.Calibration;
using Dray.Quantization.Tuning;

namespace Dray.Quantization;

/// <summary>From options to what quantizes a checkpoint's blocks.</summary>
public static class BlockQuantizers
{
    /// <summary>Makes it; loads the calibration text where it needs one.</summary>
    /// <param name="source">The checkpoint, which stays open as long as it is in use.</param>
    /// <param name="options">How to quantize.</param>
    /// <param name="backend">Its threads do the work.</param>
    /// <param name="warn">Told what the operator should know, in sentences.</param>
    /// <exception cref="ArgumentException">The options ask for what isn't there.</exception>
    /// <exception cref="CalibrationException">The calibration text can't be read, or there is too little.</exception>
    public static IBlockQuantizer Create(Checkpoint source, QuantizationOptions options, CpuBackend backend, Action<string> warn)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(warn);
        if (!options.NeedsCalibration) return new RoundToNearestQuantizer(backend);
        var calibration = Calibrate(source, options, warn);
        var embedding = source.Embedding(ModuleNames.Embedding);
        var tuning = new TuningOptions
        {
            Iterations = options.Iterations,
            BatchSize = options.BatchSize,
            Rate = (float?)options.LearningRate,
            ScaleRate = (float?)options.RangeLearningRate,
            Seed = options.Seed,
            SearchesScales = options.SearchesScales,
            Loss = options.Loss,
            StoresBrainFloats = options.SavesDeviceMemory,
            SpillFolder = options.SpillFolder,
        };
        return options.Iterations == 0
            ? new OptimisedRoundingQuantizer(backend, source.Config.Text, embedding, calibration, tuning)
            : new SignRoundQuantizer(backend, source.Config.Text, embedding, calibration, tuning);
    }

    private static CalibrationSet Calibrate(Checkpoint source, QuantizationOptions options, Action<string> warn)
    {
        if (options.Dataset is not { } dataset)
        {
            throw new ArgumentException(
                $"The recipe {options.Recipe} needs calibration text; name local files with --dataset, or choose --recipe rtn, which needs none.");
        }

        if (options.SequenceLength > source.Config.Text.ContextLength)
        {
            throw new ArgumentException(
                $"The samples are to have {options.SequenceLength} tokens, but the model's context has {source.Config.Text.ContextLength}; give a smaller --seqlen.");
        }

        var loader = new CalibrationLoader(CheckpointTokenizer.Load(source.Folder, source.Config), TextBoundaries.Of(source.Folder));
        var load = loader.Load(DatasetSpec.Parse(dataset), options.Samples, options.SequenceLength, options.Seed);
        foreach (var warning in load.Warnings) warn(warning);
        return load.Set;
    }
}
