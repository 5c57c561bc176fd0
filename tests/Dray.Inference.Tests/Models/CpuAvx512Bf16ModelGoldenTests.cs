using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Tests.Compute.Cpu;

namespace Dray.Inference.Tests.Models;

/// <summary>Inputs of bf16 weights are rounded to bf16, by 2⁻⁹ at most: what upstream does with all activations when it serves in bf16.</summary>
public sealed class CpuAvx512Bf16ModelGoldenTests : ModelGoldens
{
    protected override double Tolerance => 1e-2;

    protected override double NearTie => 0.1;

    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Avx512Bf16, threads: 2);
}
