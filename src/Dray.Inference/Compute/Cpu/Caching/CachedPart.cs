using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Where a cache file keeps a packed part, and what it is the part of.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Code">How its weights are packed.</param>
/// <param name="Outputs">N.</param>
/// <param name="Inputs">K.</param>
/// <param name="Bits">Bits of a code; 0 for a dense layer.</param>
/// <param name="GroupSize">Inputs that share a scale; 0 for a dense layer.</param>
/// <param name="Blocks">The first byte of its words, scales and offsets in the file, as far as the code has them.</param>
internal sealed record CachedPart(string Name, WeightCode Code, int Outputs, int Inputs, int Bits, int GroupSize, long[] Blocks)
{
    public static CachedPart Of(LinearSource source, WeightCode code, long[] blocks)
    {
        var quantized = source as QuantizedLinear;
        return new CachedPart(source.Name, code, source.Outputs, source.Inputs, quantized?.Bits ?? 0, quantized?.GroupSize ?? 0, blocks);
    }

    /// <summary>Whether this is <paramref name="source"/>, packed in a way that it can be packed in.</summary>
    public bool Fits(LinearSource source) =>
        this == Of(source, Code, Blocks) && (Code == PartShape.CodeOf(source, isSymmetric: true) || Code == PartShape.CodeOf(source, isSymmetric: false));
}
