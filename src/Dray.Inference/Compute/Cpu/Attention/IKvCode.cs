namespace Dray.Inference.Compute.Cpu;

/// <summary>How 32-bit words hold keys and values: the first number in the high end.</summary>
internal interface IKvCode
{
    /// <summary>Gets the numbers in a word.</summary>
    static abstract int PerWord { get; }

    /// <summary>
    /// Gets u, where what is decoded is u² times too small. Queries and scores, or probabilities and outputs, are each multiplied by it: a
    /// power of two, so that no bit changes.
    /// </summary>
    static abstract float Unit { get; }

    /// <summary>Gets whether words come from memory, so that the next ones are worth asking for.</summary>
    static abstract bool Streams { get; }

    /// <summary>The first number of each word, in its unit.</summary>
    static abstract TVec Decode<TSimd, TVec>(TVec word)
        where TSimd : struct, ISimd<TVec>
        where TVec : struct;

    /// <summary>Brings the next number to the front.</summary>
    static abstract TVec Next<TSimd, TVec>(TVec word)
        where TSimd : struct, ISimd<TVec>
        where TVec : struct;
}
