using Dray.Quantization.Rounding;
using Dray.Quantization.Tuning;

namespace Dray.Quantization;

/// <summary>How a checkpoint is quantized; the defaults but for loss and searched scales are AutoRound's.</summary>
public sealed record QuantizationOptions
{
    /// <summary>The most iterations a block may be tuned for.</summary>
    public const int MaxIterations = 100_000;

    /// <summary>The smallest group, which one vector of codes fills.</summary>
    public const int GroupMultiple = 16;

    /// <summary>Gets the name of the recipe that the values come from, for the report. <value>The default value is default.</value></summary>
    public string Recipe { get; init; } = QuantizationRecipes.Standard;

    /// <summary>Gets what holds for every layer without a rule. <value>The default value is 4 bits, groups of 128, symmetric.</value></summary>
    public WeightScheme Scheme { get; init; } = WeightScheme.W4A16;

    /// <summary>Gets the rules for layers that deviate, of which a later one goes before an earlier one. <value>The default value is none.</value></summary>
    public IReadOnlyList<LayerRule> Rules { get; init; } = [];

    /// <summary>Gets patterns of layers that stay as they are. <value>The default value is none.</value></summary>
    public IReadOnlyList<string> IgnoredLayers { get; init; } = [];

    /// <summary>Gets whether the head is quantized too, by rounding to nearest. <value>The default value is false.</value></summary>
    public bool QuantizesHead { get; init; }

    /// <summary>Gets the steps of tuning per block; 0 rounds to nearest. <value>The default value is 200.</value></summary>
    public int Iterations { get; init; } = 200;

    /// <summary>
    /// Gets whether scales are those that a search finds to suit the activations best: for good with 0 iterations, else to begin with, as
    /// AutoRound's alg_ext does. <value>The default value is true; AutoRound's is false.</value>
    /// </summary>
    public bool SearchesScales { get; init; } = true;

    /// <summary>Gets the samples of calibration text. <value>The default value is 128.</value></summary>
    public int Samples { get; init; } = 128;

    /// <summary>Gets the tokens of a sample. <value>The default value is 2048.</value></summary>
    public int SequenceLength { get; init; } = 2048;

    /// <summary>Gets the samples of a step. <value>The default value is 8.</value></summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Gets the size of the first step. <value>The default value is null: 1/iterations, or 2/iterations from 1000 iterations on at 3 bits and less.</value></summary>
    public double? LearningRate { get; init; }

    /// <summary>Gets the size of the first step of the ranges. <value>The default value is null: <see cref="LearningRate"/>.</value></summary>
    public double? RangeLearningRate { get; init; }

    /// <summary>Gets what tuning makes small. <value>The default value is <see cref="LossKind.RelativeMse"/>; AutoRound has <see cref="LossKind.Mse"/>.</value></summary>
    public LossKind Loss { get; init; } = LossKind.RelativeMse;

    /// <summary>Gets the calibration text: files with options, in AutoRound's syntax for mixes. <value>The default value is null: none.</value></summary>
    public string? Dataset { get; init; }

    /// <summary>Gets the seed of whatever is drawn. <value>The default value is 42.</value></summary>
    public int Seed { get; init; } = 42;

    /// <summary>Gets whether the recipe asks for little device memory, which the checkpoint's configuration says. <value>The default value is false.</value></summary>
    public bool SavesDeviceMemory { get; init; }

    /// <summary>Gets the folder that activations are spilled to. <value>The default value is null: they stay in memory.</value></summary>
    public string? SpillFolder { get; init; }

    /// <summary>Gets the most bytes of a weight file, unless one tensor alone has more. <value>The default value is 5 GB.</value></summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>Gets whether samples of text are needed.</summary>
    public bool NeedsCalibration => Iterations > 0 || SearchesScales;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(Scheme, "the checkpoint");
        foreach (var rule in Rules) Require(rule.Over(Scheme), $"the layers '{rule.Pattern}'", rule.KeepsLayer);
        Require(Iterations, 0, MaxIterations, "number of iterations");
        Require(Samples, 1, 1_000_000, "number of samples");
        Require(SequenceLength, 2, 1 << 20, "number of tokens of a sample");
        Require(BatchSize, 1, 4096, "batch size");
        Require(LearningRate, "learning rate");
        Require(RangeLearningRate, "learning rate of the ranges");
        if (MaxShardBytes < 1) throw new ArgumentException($"The most bytes of a weight file are {MaxShardBytes}, but they must be 1 or more.");
    }

    private static void Require(WeightScheme scheme, string what, bool isKept = false)
    {
        if (!isKept && scheme.Bits is not (2 or 3 or 4 or 8))
            throw new ArgumentException($"The bits of {what} are {scheme.Bits}, but they must be 2, 3, 4 or 8.");
        if (scheme.GroupSize != -1 && (scheme.GroupSize < GroupMultiple || scheme.GroupSize % GroupMultiple != 0))
        {
            throw new ArgumentException(
                $"The group size of {what} is {scheme.GroupSize}, but it must be a multiple of {GroupMultiple} (32, 64 and 128 are usual), or -1 for whole rows.");
        }
    }

    private static void Require(int value, int least, int most, string name)
    {
        if (value < least || value > most) throw new ArgumentException($"The {name} is {value}, but it must be from {least} to {most}.");
    }

    private static void Require(double? value, string name)
    {
        if (value is { } rate && !(rate > 0 && rate <= 1)) throw new ArgumentException($"The {name} is {rate}, but it must be above 0 and at most 1.");
    }
}
