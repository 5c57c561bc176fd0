namespace Dray.Inference.Ilgpu.Weights;

/// <summary>Eight codes of up to 4 bits.</summary>
internal readonly struct Nibbles : IWeightCode
{
    public int PerWord => 8;

    public bool IsQuantized => true;

    public float Decode(uint word, int index) => (int)((word >> (4 * index)) & 0xF);
}
