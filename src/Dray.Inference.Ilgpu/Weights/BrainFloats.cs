using ILGPU;

namespace Dray.Inference.Ilgpu.Weights;

/// <summary>Two bf16 numbers.</summary>
internal readonly struct BrainFloats : IWeightCode
{
    public int PerWord => 2;

    public bool IsQuantized => false;

    public float Decode(uint word, int index) => Interop.IntAsFloat(index == 0 ? word << 16 : word & 0xFFFF0000u);
}
