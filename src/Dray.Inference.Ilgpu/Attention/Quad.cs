namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Four numbers in registers.</summary>
internal readonly struct Quad(float x, float y, float z, float w)
{
    public readonly float X = x;
    public readonly float Y = y;
    public readonly float Z = z;
    public readonly float W = w;
}
