namespace Dray.Inference.Compute.Cpu;

/// <summary>How the CPU backend uses the machine.</summary>
public sealed record CpuBackendOptions
{
    /// <summary>The most threads that can be asked for.</summary>
    public const int MaxThreads = 1024;

    /// <summary>Gets the number of threads, the calling one included. <value>The default value is null: one per physical core.</value></summary>
    public int? Threads { get; init; }

    /// <summary>Gets the instruction set. <value>The default value is null: the best that the processor has.</value></summary>
    public CpuInstructionSet? InstructionSet { get; init; }

    /// <summary>Gets the folder that packed weights are kept in, so that a later start maps them. <value>The default value is null: none are kept.</value></summary>
    public string? WeightCache { get; init; }

    /// <summary>Gets the precision of quantised weights' inputs on paths that multiply integers. <value>The default value is <see cref="ActivationPrecision.Bits16"/>.</value></summary>
    public ActivationPrecision Activations { get; init; }
}
