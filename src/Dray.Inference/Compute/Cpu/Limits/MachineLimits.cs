namespace Dray.Inference.Compute.Cpu;

/// <summary>What the machine can do at most, measured on all threads of a backend at once: what kernels are held against.</summary>
/// <param name="ReadBandwidth">GB/s (10^9 bytes) of reading memory that no cache holds.</param>
/// <param name="PeakRate">GFLOP/s of the instruction that multiplies matrices; a multiply-add counts as two operations.</param>
/// <param name="Instruction">What <paramref name="PeakRate"/> is the peak of, such as <c>float32 multiply-add</c>.</param>
public sealed record MachineLimits(double ReadBandwidth, double PeakRate, string Instruction)
{
    /// <summary>The greater of two measurements, one by one: whatever else a machine does can only make it look slower.</summary>
    public MachineLimits Or(MachineLimits other) => new(Math.Max(ReadBandwidth, other.ReadBandwidth), Math.Max(PeakRate, other.PeakRate), Instruction);
}
