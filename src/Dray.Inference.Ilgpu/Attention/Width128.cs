namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Heads of 128.</summary>
internal readonly struct Width128 : IHeadWidth
{
    public int Groups => 4;
}
