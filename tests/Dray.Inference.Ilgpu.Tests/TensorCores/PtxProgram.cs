using System.Globalization;
using System.Text.RegularExpressions;

namespace Dray.Inference.Ilgpu.Tests.TensorCores;

/// <summary>The instructions of a PTX module with one entry, as much of the language as the kernels under test use.</summary>
internal sealed partial class PtxProgram
{
    private readonly Dictionary<string, int> _registers = [];
    private readonly Dictionary<string, int> _parameters = [];
    private readonly Dictionary<string, int> _labels = [];

    public PtxProgram(string ptx)
    {
        var parameterBytes = 0;
        foreach (Match match in Parameter().Matches(ptx))
        {
            var bytes = match.Groups[2].Success ? int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) : match.Groups[3].Value.EndsWith("64", StringComparison.Ordinal) ? 8 : 4;
            var alignment = match.Groups[2].Success ? 8 : bytes;
            parameterBytes = (parameterBytes + alignment - 1) / alignment * alignment;
            _parameters[match.Groups["name"].Value] = parameterBytes;
            parameterBytes += bytes;
        }

        var body = ptx[ptx.IndexOf("\n{", StringComparison.Ordinal)..].TrimStart()[1..];
        var statements = new List<string>();
        foreach (var line in body[..body.LastIndexOf('}')].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Label().Match(line) is { Success: true } label)
            {
                _labels[label.Groups[1].Value] = statements.Count;
                continue;
            }

            foreach (var statement in line.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (Shared().Match(statement) is { Success: true } shared)
                {
                    SharedBytes = int.Parse(shared.Groups[2].Value, CultureInfo.InvariantCulture);
                    SharedName = shared.Groups[1].Value;
                }
                else if (!statement.StartsWith('.') && !statement.StartsWith("//", StringComparison.Ordinal))
                {
                    statements.Add(statement);
                }
            }
        }

        Instructions = [.. statements.Select(Parse)];
    }

    public IReadOnlyList<PtxInstruction> Instructions { get; }

    public int SharedBytes { get; }

    public string SharedName { get; } = "";

    public int RegisterCount => _registers.Count;

    /// <summary>The register of a name, special ones such as <c>%tid.x</c> too.</summary>
    public int Register(string name)
    {
        if (!_registers.TryGetValue(name, out var index)) _registers[name] = index = _registers.Count;
        return index;
    }

    private PtxInstruction Parse(string statement)
    {
        var guard = -1;
        var negated = false;
        if (statement[0] == '@')
        {
            var end = statement.IndexOf(' ', StringComparison.Ordinal);
            negated = statement[1] == '!';
            guard = Register(statement[(negated ? 2 : 1)..end]);
            statement = statement[end..].Trim();
        }

        var space = statement.IndexOfAny([' ', '\t']);
        var name = space < 0 ? statement : statement[..space];
        var rest = space < 0 ? "" : statement[space..];
        if (name is "bra" or "bra.uni") return new PtxInstruction(name, name.Split('.'), [], guard, negated, _labels[rest.Trim()]);
        var operands = Operand().Matches(rest).Select(match => OperandOf(match.Value)).ToArray();
        return new PtxInstruction(name, name.Split('.'), operands, guard, negated, -1);
    }

    private PtxOperand OperandOf(string text)
    {
        text = Regex.Replace(text, @"\s", "");
        if (text[0] == '{') return new PtxOperand([.. text[1..^1].Split(',').Select(Register)], 0);
        if (text[0] != '[') return Simple(text);
        var parts = text[1..^1].Split('+');
        var offset = parts.Length > 1 ? ulong.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        if (_parameters.TryGetValue(parts[0], out var parameter)) return new PtxOperand([], (ulong)parameter + offset);
        return Simple(parts[0]) with { Constant = offset };
    }

    private PtxOperand Simple(string text)
    {
        if (text.StartsWith("0f", StringComparison.Ordinal)) return new PtxOperand([], uint.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        if (text.StartsWith("0x", StringComparison.Ordinal)) return new PtxOperand([], ulong.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        if (text is "true" or "false") return new PtxOperand([], text == "true" ? 1ul : 0ul);
        if (text[0] == '-' || char.IsAsciiDigit(text[0])) return new PtxOperand([], (ulong)long.Parse(text, CultureInfo.InvariantCulture));
        return new PtxOperand([Register(text)], 0);
    }


    [GeneratedRegex(@"\.param (?:\.align (\d+) \.b8 (?<name>\w+)\[(\d+)\]|\.(\w+)\s+(?<name>\w+))")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^(\w+):$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^\.shared .*\.b8\s+(\w+)\[(\d+)\]")]
    private static partial Regex Shared();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|[^,\s]+")]
    private static partial Regex Operand();
}
