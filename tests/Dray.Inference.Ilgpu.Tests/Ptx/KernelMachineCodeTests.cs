using System.Collections.Concurrent;
using Dray.Tests.Ptx;

namespace Dray.Inference.Ilgpu.Tests.Ptx;

/// <summary>The machine code of every kernel of the backend, where a CUDA toolkit is installed.</summary>
public sealed class KernelMachineCodeTests(EmittedKernels emitted) : IClassFixture<EmittedKernels>
{
    private const int RegistersPerGroup = 65536;

    /// <summary>Gets those that the toolkit knows, of the architectures that PTX is checked for.</summary>
    public static TheoryData<string> Architectures { get; } =
        [.. new[] { "sm_80", "sm_90", "sm_120" }.Where(architecture => CudaToolkit.Find().Toolkit?.Architectures.Contains(architecture) ?? true)];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Assemble_EveryKernel_ShowsItsTraits(string architecture)
    {
        var toolkit = RequiredToolkit.Get();
        var faults = new ConcurrentBag<string>();
        Parallel.ForEach(EmittedKernels.Names, name =>
        {
            try
            {
                var code = toolkit.Assemble(emitted.Emit(name, architecture), architecture);
                foreach (var fault in Faults(EmittedKernels.Kernel(name), code)) faults.Add($"{name}: {fault}");
            }
            catch (InvalidOperationException refusal)
            {
                faults.Add($"{name}: {refusal.Message}");
            }
        });
        faults.Order(StringComparer.Ordinal).ShouldBeEmpty();
    }

    private static IEnumerable<string> Faults(KernelVariant kernel, MachineCode code)
    {
        var isHot = kernel.Shows(KernelTraits.Hot);
        if (code.Registers * (kernel.Bounds.MaxNumThreadsPerGroup ?? 1) > RegistersPerGroup) yield return $"{code.Registers} registers are too many for a group";
        if (isHot && code.StackBytes > 0) yield return $"{code.StackBytes} bytes of local memory";
        if (isHot && code.SpillBytes > 0) yield return $"{code.SpillBytes} bytes spilled";
        if (code.Sass is not { } sass) yield break;
        if (isHot && sass.LocalAccesses > 0) yield return $"{sass.LocalAccesses} accesses to local memory";
        if (isHot && sass.Doubles > 0) yield return $"{sass.Doubles} operations in double precision";
        if (kernel.Shows(KernelTraits.TensorCores) && sass.Hmma == 0) yield return "no HMMA";
        if (kernel.Shows(KernelTraits.AsyncCopies) && sass.AsyncCopies == 0) yield return "no LDGSTS";
        if (kernel.Shows(KernelTraits.MatrixLoads) && sass.MatrixLoads == 0) yield return "no LDSM";
        if (kernel.Shows(KernelTraits.VectorLoads) && sass.GlobalLoads16 + sass.SharedLoads16 == 0) yield return "no loads of 16 bytes";
    }
}
