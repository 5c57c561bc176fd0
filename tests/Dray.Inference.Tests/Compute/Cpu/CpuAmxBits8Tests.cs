using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuAmxBits8Tests : AssembledConformance
{
    protected override double QuantizedBound => 3e-2;

    protected override double PassBound => 0.3;

    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Amx, threads: 2, ActivationPrecision.Bits8);
}
