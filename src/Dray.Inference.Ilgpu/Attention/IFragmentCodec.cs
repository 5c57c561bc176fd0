using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>How a cache's words become second operands of <see cref="WarpProduct"/>. Inner indices are permuted so that loads are of 16 bytes.</summary>
internal interface IFragmentCodec
{
    /// <summary>Gets whether keys and values have scales.</summary>
    bool HasScales { get; }

    /// <summary>The token of a block that column c of score tile 0 or 1 stands for.</summary>
    int TokenOf(int tile, int column);

    /// <summary>The first dimension, and by distance the second, that lane t's register of a step of a product with keys stands for.</summary>
    int QueryDim(int step, int t, int register);

    /// <summary>The distance of the dimensions in a register's two halves.</summary>
    int QueryStep { get; }

    /// <summary>The dimension that column c of a tile of results stands for.</summary>
    int ValueDim(int tile, int column);

    /// <summary>Four steps of a token's key.</summary>
    /// <param name="chunks">The layer.</param>
    /// <param name="key">The chunk that the key begins with.</param>
    /// <param name="group">Steps 4 · group and on.</param>
    /// <param name="t">The lane in its row.</param>
    Fragments Keys(ArrayView<Word4> chunks, long key, int group, int t);

    /// <summary>Four tiles of a block's values.</summary>
    /// <param name="chunks">The layer.</param>
    /// <param name="values">The chunk that the values begin with.</param>
    /// <param name="group">Tiles 4 · group and on.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="count">Tokens of the lane's quad that are there, up to 4; the others become 0.</param>
    Fragments Values(ArrayView<Word4> chunks, long values, int group, int lane, int count);
}
