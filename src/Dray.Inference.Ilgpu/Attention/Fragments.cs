namespace Dray.Inference.Ilgpu.Attention;

/// <summary>A lane's second operands of four products.</summary>
/// <param name="low">First registers.</param>
/// <param name="high">Second registers.</param>
internal readonly struct Fragments(Word4 low, Word4 high)
{
    public readonly Word4 Low = low;
    public readonly Word4 High = high;
}
