namespace Dray.Inference.Ilgpu.Weights;

/// <summary>Four codes of 8 bits.</summary>
internal readonly struct Octets : IWeightCode
{
    public int PerWord => 4;

    public bool IsQuantized => true;

    public float Decode(uint word, int index) => (int)((word >> (8 * index)) & 0xFF);
}
