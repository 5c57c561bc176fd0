namespace Dray.Inference.Compute.Cpu;

/// <summary>How weights sit in 32-bit words: a word holds <see cref="PerWord"/> successive inputs of one output, the first in its low end unless the code says otherwise.</summary>
internal interface IWeightCode
{
    static abstract int PerWord { get; }

    /// <summary>Gets whether each output of a group has a zero point of its own.</summary>
    static abstract bool HasOffsets { get; }

    /// <summary>The word's first weight as float32, less its zero point, not scaled: exact.</summary>
    static abstract TVec Decode<TSimd, TVec>(TVec word, TVec table, TVec offset)
        where TSimd : struct, ISimd<TVec>
        where TVec : struct;

    /// <summary>Moves the word's next weight to the front.</summary>
    static abstract TVec Next<TSimd, TVec>(TVec word)
        where TSimd : struct, ISimd<TVec>
        where TVec : struct;
}
