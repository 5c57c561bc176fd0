using System.Diagnostics.CodeAnalysis;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Names of <see cref="CpuInstructionSet"/>: the values of the option <c>cpu_path</c>.</summary>
public static class CpuInstructionSets
{
    private static readonly Dictionary<CpuInstructionSet, string> ByValue = new()
    {
        [CpuInstructionSet.Portable] = "portable",
        [CpuInstructionSet.Avx2] = "avx2",
        [CpuInstructionSet.Avx512] = "avx512",
        [CpuInstructionSet.Avx512Vnni] = "avx512-vnni",
        [CpuInstructionSet.Avx512Bf16] = "avx512-bf16",
        [CpuInstructionSet.Amx] = "amx",
    };

    /// <summary>Gets every name, the slowest first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByValue.Values];

    /// <summary>The name of an instruction set.</summary>
    public static string NameOf(CpuInstructionSet instructionSet) => ByValue[instructionSet];

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CpuInstructionSet? instructionSet)
    {
        instructionSet = ByValue.FirstOrDefault(pair => pair.Value == text) is { Value: not null } found ? found.Key : null;
        return instructionSet is not null;
    }
}
