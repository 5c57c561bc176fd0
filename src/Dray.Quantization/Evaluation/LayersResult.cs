using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Evaluation;

/// <summary>What a benchmark of layers measured: medians, in tokens per second.</summary>
/// <param name="Prompt">One prompt in one pass.</param>
/// <param name="Decode">One sequence, token by token.</param>
/// <param name="Parallel">Tokens of all sequences together, by how many decode at once.</param>
/// <param name="Prefill">Many prompts in one pass, or null if none were asked for.</param>
/// <param name="WeightBytesPerToken">Bytes of weights that a step of decoding reads.</param>
/// <param name="OperationsPerToken">Operations of the layers' matrix products for one token.</param>
/// <param name="Limits">What the machine can do at most, measured in the same run.</param>
public sealed record LayersResult(
    double Prompt,
    double Decode,
    IReadOnlyList<(int Sequences, double Rate)> Parallel,
    double? Prefill,
    long WeightBytesPerToken,
    double OperationsPerToken,
    MachineLimits Limits)
{
    /// <summary>Gets the share of the read bandwidth that decoding one sequence uses, counting weights only.</summary>
    public double DecodeShareOfReads => Decode * WeightBytesPerToken / (Limits.ReadBandwidth * 1e9);

    /// <summary>The share of the matrix peak that a rate of prefill uses, counting the layers' matrix products only.</summary>
    public double ShareOfPeak(double rate) => rate * OperationsPerToken / (Limits.PeakRate * 1e9);
}
