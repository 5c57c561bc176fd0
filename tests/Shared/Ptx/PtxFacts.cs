using System.Globalization;
using System.Text.RegularExpressions;

namespace Dray.Tests.Ptx;

/// <summary>What matters in a kernel's PTX, counted in its text.</summary>
internal sealed partial record PtxFacts
{
    public required string Version { get; init; }

    public required string Target { get; init; }

    /// <summary>Gets the launch bounds as written: threads of a group, groups of a multiprocessor; 0 if there are none.</summary>
    public required int MaxThreads { get; init; }

    public required int MinGroups { get; init; }

    public required int Instructions { get; init; }

    public required int Mma { get; init; }

    public required int MatrixLoads { get; init; }

    public required int AsyncCopies { get; init; }

    public required int Loads16 { get; init; }

    public required int Loads8 { get; init; }

    public required int Stores16 { get; init; }

    public required int Barriers { get; init; }

    public required int Shuffles { get; init; }

    /// <summary>Gets bytes of shared memory whose size the code fixes.</summary>
    public required int SharedBytes { get; init; }

    /// <summary>Gets bytes of local memory in scalars: operands of inline PTX, which the assembler turns into registers if nothing can alias them.</summary>
    public required int ScalarBytes { get; init; }

    /// <summary>Gets bytes of local memory in arrays and structs.</summary>
    public required int LocalBytes { get; init; }

    /// <summary>Gets loads and stores whose memory isn't known: slower, and enough for the assembler to keep scalars in local memory.</summary>
    public required int Generic { get; init; }

    public required int Doubles { get; init; }

    public required int Calls { get; init; }

    /// <summary>Counts a module's facts.</summary>
    public static PtxFacts Of(string ptx)
    {
        var lines = ptx.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int Count(Regex pattern) => lines.Sum(line => pattern.Count(line));
        return new PtxFacts
        {
            Version = First(lines, ".version "),
            Target = First(lines, ".target "),
            MaxThreads = Number(First(lines, ".maxntid ").Split(',')[0]),
            MinGroups = Number(First(lines, ".minnctapersm ")),
            Instructions = lines.Count(line => line.Contains(';') && line[0] != '.' && !line.StartsWith("//", StringComparison.Ordinal)),
            Mma = Count(Multiply()),
            MatrixLoads = Count(MatrixLoad()),
            AsyncCopies = Count(AsyncCopy()),
            Loads16 = Count(Load16()),
            Loads8 = Count(Load8()),
            Stores16 = Count(Store16()),
            Barriers = Count(Barrier()),
            Shuffles = Count(Shuffle()),
            SharedBytes = Declared(lines, ".shared ").Sum(),
            ScalarBytes = Declared(lines, ".local ").Where(bytes => bytes <= sizeof(long)).Sum(),
            LocalBytes = Declared(lines, ".local ").Where(bytes => bytes > sizeof(long)).Sum(),
            Generic = Count(GenericAccess()),
            Doubles = lines.Count(line => line[0] != '.' && line.Contains(".f64", StringComparison.Ordinal)),
            Calls = Count(Call()),
        };
    }

    private static string First(string[] lines, string start) =>
        lines.FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..].Trim() ?? "";

    private static int Number(string text) => text.Length == 0 ? 0 : int.Parse(text, CultureInfo.InvariantCulture);

    private static IEnumerable<int> Declared(string[] lines, string space) =>
        lines.Where(line => line.StartsWith(space, StringComparison.Ordinal)).Select(line => Declaration().Match(line)).Where(match => match.Success)
            .Select(match => Number(match.Groups["bits"].Value) / 8 * Number(match.Groups["count"].Value));

    [GeneratedRegex(@"\bmma\.sync\.")]
    private static partial Regex Multiply();

    [GeneratedRegex(@"\bldmatrix\.sync\.")]
    private static partial Regex MatrixLoad();

    [GeneratedRegex(@"\bcp\.async\.c[ag]\.")]
    private static partial Regex AsyncCopy();

    [GeneratedRegex(@"\bld\.[\w.:]*(v4\.[buf]32|v2\.[buf]64)\b")]
    private static partial Regex Load16();

    [GeneratedRegex(@"\bld\.(?!param)[\w.:]*(v2\.[buf]32|v4\.[buf]16)\b")]
    private static partial Regex Load8();

    [GeneratedRegex(@"\bst\.[\w.:]*(v4\.[buf]32|v2\.[buf]64)\b")]
    private static partial Regex Store16();

    [GeneratedRegex(@"\bbar(rier)?\.(sync|red)\b")]
    private static partial Regex Barrier();

    [GeneratedRegex(@"\bshfl\.sync\b")]
    private static partial Regex Shuffle();

    [GeneratedRegex(@"\bcall(\.uni)?\b")]
    private static partial Regex Call();

    [GeneratedRegex(@"(?<![\w.])(ld|st)\.(volatile\.)?(v[248]\.)?[bufs](8|16|32|64)\b")]
    private static partial Regex GenericAccess();

    [GeneratedRegex(@"\.b(?<bits>\d+)\s+\w+\[(?<count>\d+)\]")]
    private static partial Regex Declaration();
}
