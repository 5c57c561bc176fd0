using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Tests.Compute.Cpu;

namespace Dray.Inference.Tests.Models;

/// <summary>Inputs of 16-bit integers are as good as float32 here.</summary>
public sealed class CpuAvx512VnniModelGoldenTests : ModelGoldens
{
    protected override IComputeBackend Create() => CpuBackends.Create(CpuInstructionSet.Avx512Vnni, threads: 2);
}
