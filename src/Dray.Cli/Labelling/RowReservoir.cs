using Dray.Cli.Labelling.Tables;

namespace Dray.Cli.Labelling;

/// <summary>Takes a fair sample of rows in one pass (Vitter's algorithm R): the same rows for the same seed.</summary>
internal static class RowReservoir
{
    /// <summary>Some rows with their numbers from 1, in the file's order.</summary>
    public static IReadOnlyList<(long Number, TableRow Row)> Take(IEnumerable<TableRow> rows, int count, int seed)
    {
        var random = new Random(seed);
        var taken = new List<(long Number, TableRow Row)>(count);
        var number = 0L;
        foreach (var row in rows)
        {
            number++;
            if (taken.Count < count) taken.Add((number, row));
            else if (random.NextInt64(number) is var place && place < count) taken[(int)place] = (number, row);
        }

        return [.. taken.OrderBy(one => one.Number)];
    }
}
