using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>What this processor, and the runtime's settings, allow.</summary>
internal static class CpuFeatures
{
    /// <summary>Gets the instruction sets that can be used here, the fastest last.</summary>
    public static IReadOnlyList<CpuInstructionSet> Available { get; } = Find();

    private static List<CpuInstructionSet> Find()
    {
        var found = new List<CpuInstructionSet> { CpuInstructionSet.Portable };
        if (Avx2.IsSupported && Fma.IsSupported) found.Add(CpuInstructionSet.Avx2);
        if (Avx512F.IsSupported && Avx512F.X64.IsSupported) found.Add(CpuInstructionSet.Avx512);
        if (!found.Contains(CpuInstructionSet.Avx512) || !Avx512BW.IsSupported || !Avx512Vbmi.IsSupported) return found;
        var (_, _, ecx, _) = X86Base.CpuId(7, 0);
        if ((ecx & 1 << 11) == 0) return found;
        found.Add(CpuInstructionSet.Avx512Vnni);
        var (eax, _, _, _) = X86Base.CpuId(7, 1);
        if ((eax & 1 << 5) != 0) found.Add(CpuInstructionSet.Avx512Bf16);
        return found;
    }
}
