namespace Dray.Inference.Compute.Cpu;

/// <summary>What a tile is used for: how its inputs lie and what becomes of its sums.</summary>
internal unsafe interface ITileUse
{
    /// <summary>Gets whether weights come in KV blocks of 16 tokens that lie apart.</summary>
    static abstract bool IsPaged { get; }

    /// <summary>Distance between two rows' values of the same input, in a tile of <paramref name="rows"/> rows.</summary>
    static abstract int RowStep(int rows);

    /// <summary>Distance between two inputs' values of the same row, in a tile of <paramref name="rows"/> rows.</summary>
    static abstract int InputStep(int rows);

    /// <summary>Puts a vector of sums where it belongs.</summary>
    /// <param name="sum">Sums of one row.</param>
    /// <param name="output">Their place.</param>
    /// <param name="scales">The arguments' scales.</param>
    /// <param name="row">Row in the tile.</param>
    /// <param name="column">First output of the vector in the tile.</param>
    static abstract void Finish<TSimd, TVec>(TVec sum, float* output, float* scales, int row, int column)
        where TSimd : struct, ISimd<TVec>
        where TVec : struct;
}
