using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuAvx512VnniBits8Tests : AssembledConformance
{
    protected override double QuantizedBound => 3e-2;

    protected override double PassBound => 0.3;

    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Avx512Vnni, threads: 2, ActivationPrecision.Bits8);
}
