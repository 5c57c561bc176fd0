namespace Dray.Inference.Ilgpu.Weights;

/// <summary>How weights sit in 32-bit words: a word holds <see cref="PerWord"/> successive inputs of one output, the first in its low end.</summary>
internal interface IWeightCode
{
    /// <summary>Gets 1, 2, 4 or 8.</summary>
    int PerWord { get; }

    /// <summary>Gets whether groups of inputs have a scale and a zero point.</summary>
    bool IsQuantized { get; }

    /// <summary>Weight number <paramref name="index"/> of a word as float32, not scaled, its zero point not taken off: exact.</summary>
    float Decode(uint word, int index);
}
