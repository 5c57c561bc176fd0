using ILGPU;

namespace Dray.Inference.Ilgpu.Weights;

/// <summary>One float32 number.</summary>
internal readonly struct Floats : IWeightCode
{
    public int PerWord => 1;

    public bool IsQuantized => false;

    public float Decode(uint word, int index) => Interop.IntAsFloat(word);
}
