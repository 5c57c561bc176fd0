using ILGPU;

namespace Dray.Inference.Ilgpu.Weights;

/// <summary>
/// A weight matrix [N, K] as portable kernels see it. Outputs lie in strips of <see cref="Width"/>; a strip holds its words one after another,
/// each for all outputs of the strip, so that neighbouring threads read neighbouring words. Every group of inputs begins a new word.
/// </summary>
internal readonly struct DevicePart(ArrayView<uint> words, ArrayView<float> scales, ArrayView<float> zeros, int outputs, int inputs, int groupSize, int wordsPerGroup)
{
    /// <summary>Outputs in a strip.</summary>
    public const int Width = 32;

    /// <summary>[strip, word, output of the strip].</summary>
    public readonly ArrayView<uint> Words = words;

    /// <summary>[strip, group, output of the strip]; one element where weights aren't quantised.</summary>
    public readonly ArrayView<float> Scales = scales;

    /// <summary>As <see cref="Scales"/>.</summary>
    public readonly ArrayView<float> Zeros = zeros;

    public readonly int Outputs = outputs;

    public readonly int Inputs = inputs;

    public readonly int GroupSize = groupSize;

    public readonly int WordsPerGroup = wordsPerGroup;

    public readonly int Groups = (inputs + groupSize - 1) / groupSize;

    public readonly int WordsPerOutput = ((inputs + groupSize - 1) / groupSize) * wordsPerGroup;
}
