using System.Globalization;
using System.Text.RegularExpressions;

namespace Dray.Tests.Ptx;

/// <summary>What matters in a kernel's machine code: what the assembler says of it, and what is counted in its disassembly.</summary>
internal sealed partial record MachineCode
{
    public required int Registers { get; init; }

    public required int SharedBytes { get; init; }

    /// <summary>Gets bytes of local memory per thread.</summary>
    public required int StackBytes { get; init; }

    /// <summary>Gets bytes of registers written to and read from local memory for want of room.</summary>
    public required int SpillBytes { get; init; }

    /// <summary>Gets the counts of the disassembly; null if there was no disassembler.</summary>
    public required SassFacts? Sass { get; init; }

    /// <summary>Reads the assembler's remarks (<c>ptxas -v</c>) and the disassembly.</summary>
    public static MachineCode Of(string remarks, string? sass)
    {
        int Number(Regex pattern) => pattern.Matches(remarks).Sum(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        return new MachineCode
        {
            Registers = Number(RegisterCount()),
            SharedBytes = Number(Shared()),
            StackBytes = Number(Stack()),
            SpillBytes = Number(SpillStores()) + Number(SpillLoads()),
            Sass = sass is null ? null : SassFacts.Of(sass),
        };
    }

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex RegisterCount();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex Shared();

    [GeneratedRegex(@"(\d+) bytes stack frame")]
    private static partial Regex Stack();

    [GeneratedRegex(@"(\d+) bytes spill stores")]
    private static partial Regex SpillStores();

    [GeneratedRegex(@"(\d+) bytes spill loads")]
    private static partial Regex SpillLoads();
}
