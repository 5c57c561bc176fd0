using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Tests.Compute.Cpu;

namespace Dray.Inference.Tests.Models;

/// <summary>Inputs of bf16 weights are rounded to bf16, as on <see cref="CpuAvx512Bf16ModelGoldenTests"/>.</summary>
public sealed class CpuAmxModelGoldenTests : ModelGoldens
{
    protected override double Tolerance => 1e-2;

    protected override double NearTie => 0.1;

    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Amx, threads: 2);
}
