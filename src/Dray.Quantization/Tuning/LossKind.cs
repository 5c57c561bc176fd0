namespace Dray.Quantization.Tuning;

/// <summary>What tuning makes small.</summary>
public enum LossKind
{
    /// <summary>The mean squared error of the block's output, as AutoRound has it.</summary>
    Mse,

    /// <summary>
    /// The same with each token's error divided by the mean square of its target: the next block's normalisation sees directions only, and a few
    /// tokens with massive activations would else drown all others.
    /// </summary>
    RelativeMse,
}
