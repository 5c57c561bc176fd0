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
}
