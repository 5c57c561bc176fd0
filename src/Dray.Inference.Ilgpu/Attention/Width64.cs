namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Heads of 64.</summary>
internal readonly struct Width64 : IHeadWidth
{
    public int Groups => 2;
}
