using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute;

/// <summary>Shape checks at the edge of every backend operation.</summary>
internal static class TensorGuard
{
    public static void HasShape(Tensor tensor, int rows, int columns, [CallerArgumentExpression(nameof(tensor))] string? name = null)
    {
        if (tensor.Rows != rows || tensor.Columns != columns)
            throw new ArgumentException($"{name} is [{tensor.Rows}, {tensor.Columns}] where [{rows}, {columns}] was expected.", name);
    }

    public static void SameShape(Tensor tensor, Tensor expected, [CallerArgumentExpression(nameof(tensor))] string? name = null) =>
        HasShape(tensor, expected.Rows, expected.Columns, name);

    public static void HasLength(int length, int expected, [CallerArgumentExpression(nameof(length))] string? name = null)
    {
        if (length != expected) throw new ArgumentException($"{name} is {length} where {expected} was expected.", name);
    }

    /// <summary>Checks that heads of <paramref name="width"/> divide a tensor's columns.</summary>
    public static void HasHeads(Tensor tensor, int width, [CallerArgumentExpression(nameof(tensor))] string? name = null)
    {
        if (width < 1 || tensor.Columns % width != 0)
            throw new ArgumentException($"The tensor has {tensor.Columns} columns, which heads of {width} don't divide.", name);
    }

    /// <summary>Checks that <paramref name="row"/> is one of <paramref name="rows"/>.</summary>
    public static void HasRow(int row, int rows, string name)
    {
        if ((uint)row >= (uint)rows) throw new ArgumentOutOfRangeException(name, row, $"There are {rows} rows; the index must be from 0 to {rows - 1}.");
    }

    /// <summary>Checks that segments add up to <paramref name="rows"/>.</summary>
    public static void HasSegments(ReadOnlySpan<int> segments, int rows)
    {
        var sum = 0;
        foreach (var length in segments)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(segments));
            sum = checked(sum + length);
        }

        HasLength(sum, rows);
    }
}
