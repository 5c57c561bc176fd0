using System.Globalization;
using Dray.Contracts;

namespace Dray.Worker.Input;

/// <summary>The names of a batch's rows, and names for those that have none of their own.</summary>
internal sealed class RowNames
{
    private readonly Dictionary<string, long> _lines = new(StringComparer.Ordinal);
    private readonly List<(long Row, long Line, long? DuplicateOf)> _unnamed = [];

    /// <summary>Adds a row on line <paramref name="line"/>, whose <c>custom_id</c> may be missing.</summary>
    /// <returns>Whether the row has a name of its own.</returns>
    public bool Add(long row, long line, string? customId)
    {
        if (customId is not null && _lines.TryAdd(customId, line)) return true;
        _unnamed.Add((row, line, customId is null ? null : _lines[customId]));
        return false;
    }

    /// <summary>The rows to rename, once all rows are known: no made-up name is one that a row has.</summary>
    public IReadOnlyList<RenamedRow> Renamed()
    {
        var renamed = new List<RenamedRow>(_unnamed.Count);
        foreach (var (row, line, duplicateOf) in _unnamed)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"line-{line}");
            for (var attempt = 2; !_lines.TryAdd(name, line); attempt++)
                name = string.Create(CultureInfo.InvariantCulture, $"line-{line}-{attempt}");
            renamed.Add(new RenamedRow { Row = row, CustomId = name, DuplicateOfLine = duplicateOf });
        }

        return renamed;
    }
}
