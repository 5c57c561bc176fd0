namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Four numbers in registers.</summary>
internal readonly struct Quad(float x, float y, float z, float w)
{
    public readonly float X = x;
    public readonly float Y = y;
    public readonly float Z = z;
    public readonly float W = w;

    /// <summary>One of them by number.</summary>
    public float Of(int index)
    {
        var low = index == 0 ? X : Y;
        var high = index == 2 ? Z : W;
        return index < 2 ? low : high;
    }
}
