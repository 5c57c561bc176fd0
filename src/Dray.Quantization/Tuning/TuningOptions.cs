namespace Dray.Quantization.Tuning;

/// <summary>How blocks are tuned. The defaults are AutoRound's.</summary>
public sealed record TuningOptions
{
    /// <summary>Gets the iterations per block, at least 1. <value>The default value is 200.</value></summary>
    public int Iterations { get; init; } = 200;

    /// <summary>Gets the samples of an iteration; fewer where there aren't as many. <value>The default value is 8.</value></summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>
    /// Gets how far an offset moves in the first iteration; it falls linearly to 0. <value>The default value is null: 1/iterations, or
    /// 2/iterations for at most 3 bits from 1,000 iterations on.</value>
    /// </summary>
    public float? Rate { get; init; }

    /// <summary>Gets how far a scale parameter moves in the first iteration. <value>The default value is null: as far as an offset.</value></summary>
    public float? ScaleRate { get; init; }

    /// <summary>Gets the seed of the batches' order. <value>The default value is 42.</value></summary>
    public int Seed { get; init; } = 42;

    /// <summary>Gets whether a block is tuned on what the quantized blocks before it give. <value>The default value is true.</value></summary>
    public bool UsesQuantizedInputs { get; init; } = true;

    /// <summary>Gets whether scales are tuned. <value>The default value is true.</value></summary>
    public bool TunesScales { get; init; } = true;

    /// <summary>Gets whether the iteration with the least loss is kept; else it is the last one. <value>The default value is true.</value></summary>
    public bool KeepsBest { get; init; } = true;

    /// <summary>
    /// Gets whether symmetric scales begin with those that a search weighted by the inputs' magnitudes finds, AutoRound's
    /// <c>enable_alg_ext</c>. <value>The default value is false.</value>
    /// </summary>
    public bool SearchesScales { get; init; }

    /// <summary>Gets what is made small. <value>The default value is <see cref="LossKind.Mse"/>.</value></summary>
    public LossKind Loss { get; init; }

    /// <summary>Gets the tokens that go through a block at a time, rounded down to whole samples but at least one. <value>The default value is 2,048.</value></summary>
    public int MicroBatchTokens { get; init; } = 2048;

    /// <summary>
    /// Gets the token whose occurrences don't count. <value>The default value is null: repetitions of the last token at the end of a sample
    /// don't.</value>
    /// </summary>
    public int? PadToken { get; init; }

    /// <summary>Gets whether activations between blocks are kept as bfloat16, in half the memory. <value>The default value is false.</value></summary>
    public bool StoresBrainFloats { get; init; }

    /// <summary>Gets the folder of a temporary file that activations between blocks are kept in. <value>The default value is null: memory.</value></summary>
    public string? SpillFolder { get; init; }
}
