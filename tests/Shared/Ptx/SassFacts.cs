using System.Text.RegularExpressions;

namespace Dray.Tests.Ptx;

/// <summary>Instructions of a kernel's machine code that matter, counted in its disassembly.</summary>
/// <param name="Instructions">All of them.</param>
/// <param name="Hmma">Tensor-core products of 16-bit operands.</param>
/// <param name="MatrixLoads">LDSM.</param>
/// <param name="AsyncCopies">LDGSTS.</param>
/// <param name="GlobalLoads16">Loads of 16 bytes from global memory, also by generic address.</param>
/// <param name="SharedLoads16">Loads of 16 bytes from shared memory.</param>
/// <param name="LocalAccesses">Loads from and stores to local memory.</param>
/// <param name="GenericAccesses">Loads and stores whose memory is found out at run time.</param>
/// <param name="Doubles">Double-precision arithmetic.</param>
internal sealed partial record SassFacts(
    int Instructions, int Hmma, int MatrixLoads, int AsyncCopies, int GlobalLoads16, int SharedLoads16, int LocalAccesses, int GenericAccesses, int Doubles)
{
    /// <summary>Counts a disassembly.</summary>
    public static SassFacts Of(string sass)
    {
        string[] codes = [.. Instruction().Matches(sass).Select(match => match.Groups[1].Value)];
        int Count(params string[] starts) => codes.Count(code => starts.Any(start => code == start || code.StartsWith(start + ".", StringComparison.Ordinal)));
        int Wide(params string[] starts) => codes.Count(code =>
            code.Contains(".128", StringComparison.Ordinal) && starts.Any(start => code.StartsWith(start + ".", StringComparison.Ordinal)));
        return new(
            codes.Length - Count("NOP"),
            Count("HMMA"),
            Count("LDSM"),
            Count("LDGSTS"),
            Wide("LDG", "LD"),
            Wide("LDS"),
            Count("LDL", "STL"),
            Count("LD", "ST"),
            Count("DADD", "DMUL", "DFMA", "DSETP"));
    }

    // "/*0040*/   @!P0 LDG.E.128 R4, [R2.64] ;" and, by cuobjdump, the same with the code's words behind.
    [GeneratedRegex(@"/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P[0-9T]+\s+)?([A-Z][A-Z0-9_.]*)")]
    private static partial Regex Instruction();
}
